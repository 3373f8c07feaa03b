// The thread pool behind runTasks: how many threads take part.
#pragma once

namespace phigrad {

// Threads that may work on one call, the caller included: PHIGRAD_NUM_THREADS, else the processors we may run on.
int threadCount();

// Changes it for the whole process, between 1 and 256.
void setThreadCount(int count);

}  // namespace phigrad
