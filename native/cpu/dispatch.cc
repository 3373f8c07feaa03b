// Chooses the instruction set once, by what the processor has (cpuid) and what the system saves on a switch (XCR0).
#include "dispatch.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#if defined(_M_X64)
#include <intrin.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

namespace phigrad {
namespace {

#if defined(__x86_64__) || defined(_M_X64)

struct Registers {
  uint32_t a, b, c, d;
};

Registers cpuid(uint32_t leaf) {
  Registers r{};
#if defined(_M_X64)
  int out[4];
  __cpuidex(out, static_cast<int>(leaf), 0);
  std::memcpy(&r, out, sizeof r);
#else
  __cpuid_count(leaf, 0, r.a, r.b, r.c, r.d);
#endif
  return r;
}

uint64_t savedState() {
#if defined(_M_X64)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
#endif
}

bool has(uint32_t word, int bit) { return (word >> bit & 1u) != 0; }

// 0: baseline, 1: AVX2 and FMA, 2: AVX-512 F, DQ, BW, VL.
int machineLevel() {
  if (cpuid(0).a < 7) return 0;
  const Registers features = cpuid(1);
  const bool systemSaves = has(features.c, 27);
  if (!systemSaves) return 0;
  const uint64_t saved = savedState();
  const Registers extended = cpuid(7);
  const bool avx2 = (saved & 0x6) == 0x6 && has(features.c, 12) && has(features.c, 28) && has(extended.b, 5);
  const bool avx512 = (saved & 0xe6) == 0xe6 && has(extended.b, 16) && has(extended.b, 17) && has(extended.b, 30) &&
                      has(extended.b, 31);
  return !avx2 ? 0 : avx512 ? 2 : 1;
}

const KernelTable* const kLevels[] = {&baseTable, &avx2Table, &avx512Table, nullptr};

#elif defined(__aarch64__) || defined(_M_ARM64)

int machineLevel() { return 1; }

const KernelTable* const kLevels[] = {&baseTable, &neonTable, nullptr};

#else

int machineLevel() { return 0; }

const KernelTable* const kLevels[] = {&baseTable, nullptr};

#endif

struct Available {
  const KernelTable* tables[4] = {};

  Available() {
    const int level = machineLevel();
    for (int i = 0; i <= level; i++) tables[i] = kLevels[i];
  }
};

const KernelTable* firstChoice() {
  const KernelTable* const* tables = availableTables();
  const char* wanted = std::getenv("PHIGRAD_ISA");
  const KernelTable* best = nullptr;
  for (int i = 0; tables[i] != nullptr; i++) {
    best = tables[i];
    if (wanted != nullptr && std::strcmp(wanted, best->isa) == 0) return best;
  }
  return best;
}

std::atomic<const KernelTable*>& inUse() {
  static std::atomic<const KernelTable*> table{firstChoice()};
  return table;
}

}  // namespace

const KernelTable* const* availableTables() {
  static const Available available;
  return available.tables;
}

bool selectTable(const char* isa) {
  for (const KernelTable* const* table = availableTables(); *table != nullptr; table++) {
    if (std::strcmp(isa, (*table)->isa) != 0) continue;
    inUse().store(*table, std::memory_order_relaxed);
    return true;
  }
  return false;
}

const KernelTable& kernels() { return *inUse().load(std::memory_order_relaxed); }

}  // namespace phigrad
