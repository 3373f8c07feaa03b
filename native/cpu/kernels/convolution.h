// The vector types that the convolution's tiles are instantiated with, and how many positions fill the registers with
// 1, 2 and 3 vectors of sums each, next to the loaded vectors and one broadcast. Per-ISA: see simd.h.
#pragma once
#include "../convolution/tiles.h"
#include "../simd.h"
#include "convolution-tiles.h"

namespace phigrad {
namespace {

struct WideVector {
  using Register = Floats;
  static constexpr int64_t lanes = kLanes;
#if defined(PHIGRAD_ISA_AVX512) || defined(PHIGRAD_ISA_NEON)
  static constexpr int64_t tile1 = 12, tile2 = 12, tile3 = 8;
#elif defined(PHIGRAD_ISA_AVX2)
  static constexpr int64_t tile1 = 12, tile2 = 6, tile3 = 4;
#else
  // Without fused multiply-add each product takes a register of its own.
  static constexpr int64_t tile1 = 10, tile2 = 5, tile3 = 3;
#endif

  // Terms of a sum that a register takes at a time, each in its own group of lanes.
  static constexpr int64_t terms = 1;

  static Register zero() { return phigrad::broadcast(0.0f); }
  static Register load(const float* p) { return phigrad::load(p); }
  static void store(float* p, Register a) { phigrad::store(p, a); }
  static Register broadcast(const float* p) { return phigrad::broadcast(*p); }
  static Register multiplyAdd(Register a, Register b, Register c) { return fma(a, b, c); }
  // Sums that start from the first n channels at p, and are written there; 1 ≤ n ≤ lanes.
  static Register start(const float* p, int64_t n) { return n == lanes ? phigrad::load(p) : loadFirst(p, n); }
  static void finish(float* p, Register a, int64_t n) {
    if (n == lanes) phigrad::store(p, a);
    else storeFirst(p, a, n);
  }
  // n channels, and zeros up to a whole vector.
  static void copy(float* to, const float* from, int64_t n) { phigrad::store(to, start(from, n)); }
};

#if defined(PHIGRAD_ISA_AVX512)
inline __m512 firstOf16(const float* p, int64_t n) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p);
}

// Half vectors for the weight gradient: some processors do two of them in the time of a whole one.
struct HalfVector {
  using Register = __m256;
  static constexpr int64_t lanes = 8, terms = 1;
  static constexpr int64_t tile1 = 12, tile2 = 12, tile3 = 8;

  static Register load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, Register a) { _mm256_storeu_ps(p, a); }
  static Register broadcast(const float* p) { return _mm256_broadcast_ss(p); }
  static Register multiplyAdd(Register a, Register b, Register c) { return _mm256_fmadd_ps(a, b, c); }
  static void copy(float* to, const float* from, int64_t n) { store(to, _mm512_castps512_ps256(firstOf16(from, n))); }
};

// Two terms of 8 channels in a vector: 8 lanes of term i, then 8 of term i + 1.
struct PairVector {
  using Register = __m512;
  static constexpr int64_t lanes = 8, terms = 2;
  static constexpr int64_t tile1 = 12, tile2 = 12, tile3 = 8;

  // Of the pair that stands in every 128 bits, the first in the lower half of the vector and the second in the upper.
  static Register spread(__m512 pairs) {
    return _mm512_permutevar_ps(pairs, _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi32(1), 1));
  }
  static Register zero() { return _mm512_setzero_ps(); }
  static Register load(const float* p) { return _mm512_loadu_ps(p); }
  static Register loadTerms(const float* p, int64_t n) { return firstOf16(p, n * lanes); }
  static Register broadcast(const float* p) {
    const __m128i pair = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    return spread(_mm512_castpd_ps(_mm512_broadcastsd_pd(_mm_castsi128_pd(pair))));
  }
  static Register broadcastTerms(const float* p, int64_t n) {
    return spread(_mm512_broadcast_f32x4(_mm512_castps512_ps128(firstOf16(p, n))));
  }
  static Register multiplyAdd(Register a, Register b, Register c) { return _mm512_fmadd_ps(a, b, c); }
  static Register start(const float* p, int64_t n) { return firstOf16(p, n); }
  static void finish(float* p, Register a, int64_t n) {
    const __m256 sum = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    _mm256_mask_storeu_ps(p, static_cast<__mmask8>((1u << n) - 1u), sum);
  }
  static void copy(float* to, const float* from, int64_t n) { HalfVector::copy(to, from, n); }
};

// Four terms of 4 channels.
struct QuadVector {
  using Register = __m512;
  static constexpr int64_t lanes = 4, terms = 4;
  static constexpr int64_t tile1 = 12, tile2 = 12, tile3 = 8;

  // Of the four that stand in every 128 bits, the k-th in the k-th 128 bits.
  static Register spread(__m512 fours) {
    return _mm512_permutevar_ps(fours, _mm512_set_epi32(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0));
  }
  static Register zero() { return _mm512_setzero_ps(); }
  static Register load(const float* p) { return _mm512_loadu_ps(p); }
  static Register loadTerms(const float* p, int64_t n) { return firstOf16(p, n * lanes); }
  static Register broadcast(const float* p) { return spread(_mm512_broadcast_f32x4(_mm_loadu_ps(p))); }
  static Register broadcastTerms(const float* p, int64_t n) {
    return spread(_mm512_broadcast_f32x4(_mm512_castps512_ps128(firstOf16(p, n))));
  }
  static Register multiplyAdd(Register a, Register b, Register c) { return _mm512_fmadd_ps(a, b, c); }
  static Register start(const float* p, int64_t n) { return firstOf16(p, n); }
  static void finish(float* p, Register a, int64_t n) {
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    const __m128 sum = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    _mm_mask_storeu_ps(p, static_cast<__mmask8>((1u << n) - 1u), sum);
  }
  static void copy(float* to, const float* from, int64_t n) {
    _mm_storeu_ps(to, _mm512_castps512_ps128(firstOf16(from, n)));
  }
};

constexpr ConvolutionTable convolutionTable{
    {forwardTilesOf<WideVector>, forwardTilesOf<PairVector>, forwardTilesOf<QuadVector>},
    {weightTilesOf<WideVector>, weightTilesOf<HalfVector>},
};
#else
constexpr ConvolutionTable convolutionTable{
    {forwardTilesOf<WideVector>, forwardTilesOf<WideVector>, forwardTilesOf<WideVector>},
    {weightTilesOf<WideVector>, weightTilesOf<WideVector>},
};
#endif

}  // namespace
}  // namespace phigrad
