// Vectors of 4 floats and of 2 doubles, SSE2: what every x86-64 processor has. See simd.h for what each function means.
#pragma once
#include <immintrin.h>

#include "partial.h"

namespace phigrad {
namespace {

constexpr int kLanes = 4;
constexpr bool kHasFma = false;

struct Floats {
  __m128 v;
};
struct Doubles {
  __m128d v;
};
struct Mask {
  __m128 v;
};
struct DoubleMask {
  __m128d v;
};

inline Floats broadcast(float a) { return {_mm_set1_ps(a)}; }
inline Floats load(const float* p) { return {_mm_loadu_ps(p)}; }
inline Floats loadFirst(const float* p, int64_t n) { return loadPartly<Floats>(p, n); }
inline Floats loadBytes(const uint8_t* p) {
  int32_t word;
  memcpy(&word, p, 4);
  const __m128i zero = _mm_setzero_si128();
  return {_mm_cvtepi32_ps(_mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128(word), zero), zero))};
}
inline void store(float* p, Floats a) { _mm_storeu_ps(p, a.v); }
inline void storeFirst(float* p, Floats a, int64_t n) { storePartly(p, a, n); }
inline void stream(float* p, Floats a) { _mm_stream_ps(p, a.v); }
inline void streamFence() { _mm_sfence(); }

inline Floats operator+(Floats a, Floats b) { return {_mm_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm_div_ps(a.v, b.v)}; }
inline Floats fma(Floats a, Floats b, Floats c) { return {_mm_add_ps(_mm_mul_ps(a.v, b.v), c.v)}; }
inline Floats greatest(Floats a, Floats b) { return {_mm_max_ps(a.v, b.v)}; }
inline Floats least(Floats a, Floats b) { return {_mm_min_ps(a.v, b.v)}; }
inline Floats squareRoot(Floats a) { return {_mm_sqrt_ps(a.v)}; }
inline Floats absolute(Floats a) { return {_mm_andnot_ps(_mm_set1_ps(-0.0f), a.v)}; }
inline Floats roundToEven(Floats a) { return {_mm_cvtepi32_ps(_mm_cvtps_epi32(a.v))}; }
// In two halves, so that results below the smallest normal number come out right.
inline Floats timesPowerOfTwo(Floats a, Floats n) {
  const __m128i whole = _mm_cvtps_epi32(n.v);
  const __m128i half = _mm_srai_epi32(whole, 1);
  const __m128i rest = _mm_sub_epi32(whole, half);
  const __m128i bias = _mm_set1_epi32(127);
  const __m128 first = _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(half, bias), 23));
  const __m128 second = _mm_castsi128_ps(_mm_slli_epi32(_mm_add_epi32(rest, bias), 23));
  return {_mm_mul_ps(_mm_mul_ps(a.v, first), second)};
}
inline Floats exponentOf(Floats a) {
  const __m128i bits = _mm_and_si128(_mm_srli_epi32(_mm_castps_si128(a.v), 23), _mm_set1_epi32(255));
  return {_mm_cvtepi32_ps(_mm_sub_epi32(bits, _mm_set1_epi32(127)))};
}
inline Floats mantissaOf(Floats a) {
  const __m128 kept = _mm_and_ps(a.v, _mm_castsi128_ps(_mm_set1_epi32(static_cast<int>(0x807fffffu))));
  return {_mm_or_ps(kept, _mm_set1_ps(1.0f))};
}

inline Mask less(Floats a, Floats b) { return {_mm_cmplt_ps(a.v, b.v)}; }
inline Mask lessEqual(Floats a, Floats b) { return {_mm_cmple_ps(a.v, b.v)}; }
inline Mask equal(Floats a, Floats b) { return {_mm_cmpeq_ps(a.v, b.v)}; }
inline Mask isNaN(Floats a) { return {_mm_cmpunord_ps(a.v, a.v)}; }
inline Mask operator!(Mask a) { return {_mm_xor_ps(a.v, _mm_castsi128_ps(_mm_set1_epi32(-1)))}; }
inline Mask operator|(Mask a, Mask b) { return {_mm_or_ps(a.v, b.v)}; }
inline Mask operator&(Mask a, Mask b) { return {_mm_and_ps(a.v, b.v)}; }
inline Floats select(Mask m, Floats a, Floats b) {
  return {_mm_or_ps(_mm_and_ps(m.v, a.v), _mm_andnot_ps(m.v, b.v))};
}
inline void storeMask(uint8_t* p, Mask m) {
  const __m128i halves = _mm_packs_epi32(_mm_castps_si128(m.v), _mm_castps_si128(m.v));
  const __m128i bytes = _mm_and_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(1));
  const int32_t word = _mm_cvtsi128_si32(bytes);
  memcpy(p, &word, 4);
}

inline Doubles broadcast(double a) { return {_mm_set1_pd(a)}; }
inline Doubles load(const double* p) { return {_mm_loadu_pd(p)}; }
inline Doubles loadFirst(const double* p, int64_t n) { return loadPartly<Doubles>(p, n); }
inline void store(double* p, Doubles a) { _mm_storeu_pd(p, a.v); }
inline void storeFirst(double* p, Doubles a, int64_t n) { storePartly(p, a, n); }
inline Doubles operator+(Doubles a, Doubles b) { return {_mm_add_pd(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {_mm_sub_pd(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {_mm_mul_pd(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {_mm_div_pd(a.v, b.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {_mm_add_pd(_mm_mul_pd(a.v, b.v), c.v)}; }
inline Doubles greatest(Doubles a, Doubles b) { return {_mm_max_pd(a.v, b.v)}; }
inline Doubles absolute(Doubles a) { return {_mm_andnot_pd(_mm_set1_pd(-0.0), a.v)}; }
inline DoubleMask less(Doubles a, Doubles b) { return {_mm_cmplt_pd(a.v, b.v)}; }
inline Doubles select(DoubleMask m, Doubles a, Doubles b) {
  return {_mm_or_pd(_mm_and_pd(m.v, a.v), _mm_andnot_pd(m.v, b.v))};
}

inline Doubles widenLow(Floats a) { return {_mm_cvtps_pd(a.v)}; }
inline Doubles widenHigh(Floats a) { return {_mm_cvtps_pd(_mm_movehl_ps(a.v, a.v))}; }
inline Floats narrow(Doubles low, Doubles high) { return {_mm_movelh_ps(_mm_cvtpd_ps(low.v), _mm_cvtpd_ps(high.v))}; }

}  // namespace
}  // namespace phigrad
