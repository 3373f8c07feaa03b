// Fork-join thread pool: one per process, started when first needed, never destroyed (a destructor would hang on exit
// while workers wait). The caller works too. It waits only for workers that joined in time, so that a worker which wakes
// up late costs nothing but its missed help. Whoever finds the pool busy runs its tasks alone.
#include "pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

#include "runtime.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace phigrad {
namespace {

constexpr int kMostThreads = 256;
// About 40 µs of spinning before a worker sleeps: it bridges the TypeScript between two kernels.
constexpr int kSpins = 2000;

void pauseBriefly() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ volatile("yield");
#else
  std::this_thread::yield();
#endif
}

int wantedThreads() {
  if (const char* text = std::getenv("PHIGRAD_NUM_THREADS")) {
    const int wanted = std::atoi(text);
    if (wanted > 0) return std::min(wanted, kMostThreads);
  }
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostThreads);
}

class Pool {
 public:
  int threads() const { return limit_.load(std::memory_order_relaxed); }

  void setThreads(int count) { limit_.store(std::clamp(count, 1, kMostThreads), std::memory_order_relaxed); }

  void run(int64_t tasks, Task function, void* context) {
    const int limit = threads();
    if (tasks <= 1 || limit == 1 || busy_.exchange(true, std::memory_order_acquire)) {
      for (int64_t task = 0; task < tasks; task++) function(context, task);
      return;
    }
    start(limit - 1);
    function_ = function;
    context_ = context;
    tasks_ = tasks;
    seats_ = limit - 1;
    next_.store(0, std::memory_order_relaxed);
    const uint64_t generation = (state_.load(std::memory_order_relaxed) >> 32) + 1;
    state_.store(generation << 32 | kOpen, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) > 0) {
      { std::lock_guard<std::mutex> lock(mutex_); }
      wake_.notify_all();
    }
    work();
    state_.fetch_and(~kOpen, std::memory_order_acq_rel);
    for (int spins = 0; (state_.load(std::memory_order_acquire) & kJoined) != 0; spins++) {
      if (spins < kSpins) pauseBriefly();
      else std::this_thread::yield();
    }
    busy_.store(false, std::memory_order_release);
  }

 private:
  // state_ = generation << 32 | open << 31 | workers that joined and are not done.
  static constexpr uint64_t kOpen = 1ull << 31;
  static constexpr uint64_t kJoined = kOpen - 1;

  // Only the holder of busy_ starts workers.
  void start(int workers) {
    for (; workers_ < workers; workers_++) {
      try {
        std::thread([this] { serve(); }).detach();
      } catch (const std::system_error&) {
        // The system gives no more threads: those that run are enough.
        return;
      }
    }
  }

  void work() {
    for (;;) {
      const int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks_) return;
      function_(context_, task);
    }
  }

  static bool isNews(uint64_t state, uint32_t seen) {
    return static_cast<uint32_t>(state >> 32) != seen && (state & kOpen) != 0;
  }

  [[noreturn]] void serve() {
    uint32_t seen = 0;
    for (;;) {
      uint64_t state = awaitNews(seen);
      // seats_ may be of a later generation by now; then the exchange below fails.
      if (static_cast<int>(state & kJoined) >= seats_.load(std::memory_order_relaxed)) {
        seen = static_cast<uint32_t>(state >> 32);
        continue;
      }
      if (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) continue;
      seen = static_cast<uint32_t>(state >> 32);
      work();
      state_.fetch_sub(1, std::memory_order_release);
    }
  }

  uint64_t awaitNews(uint32_t seen) {
    for (int spins = 0;; spins++) {
      const uint64_t state = state_.load(std::memory_order_acquire);
      if (isNews(state, seen)) return state;
      if (spins < kSpins) {
        pauseBriefly();
        continue;
      }
      std::unique_lock<std::mutex> lock(mutex_);
      sleepers_.fetch_add(1, std::memory_order_seq_cst);
      wake_.wait(lock, [&] { return isNews(state_.load(std::memory_order_seq_cst), seen); });
      sleepers_.fetch_sub(1, std::memory_order_relaxed);
      spins = 0;
    }
  }

  alignas(64) std::atomic<uint64_t> state_{0};
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<int> sleepers_{0};
  std::atomic<bool> busy_{false};
  std::atomic<int> limit_{wantedThreads()};
  std::atomic<int> seats_{0};
  int workers_ = 0;
  Task function_ = nullptr;
  void* context_ = nullptr;
  int64_t tasks_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
};

Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

int threadCount() { return pool().threads(); }

void setThreadCount(int count) { pool().setThreads(count); }

void runTasks(int64_t tasks, Task function, void* context) { pool().run(tasks, function, context); }

}  // namespace phigrad
