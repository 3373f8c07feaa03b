// The buffers behind scratch(): thread-local, they grow to the largest request and are freed when their thread ends.
#include <cstdlib>
#include <new>

#include "runtime.h"

namespace phigrad {
namespace {

constexpr std::align_val_t kAlignment{64};

class Buffer {
 public:
  ~Buffer() { release(); }

  void* atLeast(size_t bytes) {
    if (bytes > bytes_) {
      release();
      memory_ = ::operator new(bytes, kAlignment);
      bytes_ = bytes;
    }
    return memory_;
  }

 private:
  void release() {
    if (memory_ != nullptr) ::operator delete(memory_, kAlignment);
    memory_ = nullptr;
    bytes_ = 0;
  }

  void* memory_ = nullptr;
  size_t bytes_ = 0;
};

thread_local Buffer buffers[static_cast<int>(Scratch::count)];

}  // namespace

void* scratch(Scratch slot, size_t bytes) { return buffers[static_cast<int>(slot)].atLeast(bytes); }

}  // namespace phigrad
