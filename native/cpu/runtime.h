// What kernels ask of the process: other threads, and memory to work in. Included by the per-ISA files, so it holds
// declarations and C headers only; the definitions (pool.cc, scratch.cc) are compiled for the baseline.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace phigrad {

using Task = void (*)(void* context, int64_t task);

// Calls function(context, t) once for every t in [0, tasks), on whichever threads are free; returns when all are done.
// What a task computes must not depend on which thread runs it or when: then results have the same bits on any number
// of threads. Calls from within a task, or while another thread uses the pool, run on the calling thread.
void runTasks(int64_t tasks, Task function, void* context);

// Buffers that a thread keeps from call to call, one per slot. The calling thread fills the shared ones before runTasks
// and its tasks may read and write them; a task takes only task slots, so that it never meets its caller's buffers.
enum class Scratch : int { sharedA, sharedB, sharedC, sharedD, taskA, taskB, taskC, taskD, count };

// At least `bytes` bytes, 64-byte aligned, contents arbitrary; valid until the same thread asks for the same slot again.
void* scratch(Scratch slot, size_t bytes);

}  // namespace phigrad
