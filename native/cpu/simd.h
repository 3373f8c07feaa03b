// The vectors that kernels are written with: `Floats` of kLanes floats and `Doubles` of half as many doubles. Each
// per-ISA file sees one of the headers below; all define the same names:
//
//   broadcast(a)  load(p)  store(p, v)          unaligned; loadFirst and storeFirst touch only the first n lanes, 0 ≤ n <
//                                               lanes (an absent lane loads as 0); loadBytes(p) reads kLanes of uint8
//   + - * /  fma(a, b, c) = a·b + c             one rounding where kHasFma, two in the baseline
//   greatest(a, b) = a > b ? a : b              so b where either is NaN; least likewise with <
//   squareRoot  absolute  roundToEven           as IEEE 754
//   timesPowerOfTwo(a, n) = a·2ⁿ                n whole, −252 ≤ n ≤ 254
//   exponentOf(a), mantissaOf(a)                e and m of a = m·2ᵉ with 1 ≤ |m| < 2, for normal a
//   less  lessEqual  equal  isNaN  ! | &        masks; select(m, a, b) = m ? a : b; storeMask(p, m) writes bytes 0 and 1
//   stream(p, v)                                past the caches, p aligned to the vector; then streamFence()
//   widenLow  widenHigh  narrow(low, high)      Floats ↔ two Doubles
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(PHIGRAD_ISA_AVX512)
#include "simd/avx512.h"
#elif defined(PHIGRAD_ISA_AVX2)
#include "simd/avx2.h"
#elif defined(PHIGRAD_ISA_NEON)
#include "simd/neon.h"
#elif defined(__x86_64__) || defined(_M_X64)
#include "simd/sse2.h"
#else
#include "simd/portable.h"
#endif

namespace phigrad {
namespace {

constexpr int kDoubleLanes = kLanes / 2;

inline float sumOfLanes(Floats a) {
  float values[kLanes];
  store(values, a);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) values[i] += values[i + width];
  return values[0];
}

inline double sumOfLanes(Doubles a) {
  double values[kDoubleLanes];
  store(values, a);
  for (int width = kDoubleLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) values[i] += values[i + width];
  return values[0];
}

}  // namespace
}  // namespace phigrad
