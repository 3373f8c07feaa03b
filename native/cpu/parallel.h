// runTasks for lambdas, and the fixed way in which kernels cut their work. Included by the per-ISA files.
#pragma once
#include "runtime.h"

namespace phigrad {
namespace {

// f(task) for every task in [0, tasks).
template <typename Function>
inline void parallel(int64_t tasks, const Function& f) {
  struct Call {
    static void run(void* context, int64_t task) { (*static_cast<const Function*>(context))(task); }
  };
  runTasks(tasks, &Call::run, const_cast<void*>(static_cast<const void*>(&f)));
}

// f(begin, end) over [0, count) in pieces of `grain` (the last may be shorter). The pieces depend on count and grain only.
template <typename Function>
inline void parallelRanges(int64_t count, int64_t grain, const Function& f) {
  const int64_t tasks = (count + grain - 1) / grain;
  parallel(tasks, [&](int64_t task) {
    const int64_t begin = task * grain;
    const int64_t end = begin + grain < count ? begin + grain : count;
    f(begin, end);
  });
}

template <typename T>
inline T* scratchOf(Scratch slot, int64_t count) {
  return static_cast<T*>(scratch(slot, static_cast<size_t>(count) * sizeof(T)));
}

inline int64_t minimumOf(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t maximumOf(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t ceilingDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace
}  // namespace phigrad
