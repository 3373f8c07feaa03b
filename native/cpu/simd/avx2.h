// Vectors of 8 floats and of 4 doubles, AVX2 and FMA. See simd.h for what each function means.
#pragma once
#include <immintrin.h>

namespace phigrad {
namespace {

constexpr int kLanes = 8;
constexpr bool kHasFma = true;

struct Floats {
  __m256 v;
};
struct Doubles {
  __m256d v;
};
struct Mask {
  __m256 v;
};
struct DoubleMask {
  __m256d v;
};

// All bits set in the first n lanes: a window on eight set words followed by eight clear ones.
alignas(64) const int32_t kLaneWindow[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
alignas(64) const int64_t kDoubleLaneWindow[8] = {-1, -1, -1, -1, 0, 0, 0, 0};
inline __m256i firstLanes(int64_t n) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kLaneWindow + 8 - n));
}
inline __m256i firstDoubleLanes(int64_t n) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kDoubleLaneWindow + 4 - n));
}

inline Floats broadcast(float a) { return {_mm256_set1_ps(a)}; }
inline Floats load(const float* p) { return {_mm256_loadu_ps(p)}; }
inline Floats loadFirst(const float* p, int64_t n) { return {_mm256_maskload_ps(p, firstLanes(n))}; }
inline Floats loadBytes(const uint8_t* p) {
  return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
}
inline void store(float* p, Floats a) { _mm256_storeu_ps(p, a.v); }
inline void storeFirst(float* p, Floats a, int64_t n) { _mm256_maskstore_ps(p, firstLanes(n), a.v); }
inline void stream(float* p, Floats a) { _mm256_stream_ps(p, a.v); }
inline void streamFence() { _mm_sfence(); }

inline Floats operator+(Floats a, Floats b) { return {_mm256_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm256_div_ps(a.v, b.v)}; }
inline Floats fma(Floats a, Floats b, Floats c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline Floats greatest(Floats a, Floats b) { return {_mm256_max_ps(a.v, b.v)}; }
inline Floats least(Floats a, Floats b) { return {_mm256_min_ps(a.v, b.v)}; }
inline Floats squareRoot(Floats a) { return {_mm256_sqrt_ps(a.v)}; }
inline Floats absolute(Floats a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
inline Floats roundToEven(Floats a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
// In two halves, so that results below the smallest normal number come out right.
inline Floats timesPowerOfTwo(Floats a, Floats n) {
  const __m256i whole = _mm256_cvtps_epi32(n.v);
  const __m256i half = _mm256_srai_epi32(whole, 1);
  const __m256i rest = _mm256_sub_epi32(whole, half);
  const __m256i bias = _mm256_set1_epi32(127);
  const __m256 first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
  const __m256 second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
  return {_mm256_mul_ps(_mm256_mul_ps(a.v, first), second)};
}
inline Floats exponentOf(Floats a) {
  const __m256i bits = _mm256_and_si256(_mm256_srli_epi32(_mm256_castps_si256(a.v), 23), _mm256_set1_epi32(255));
  return {_mm256_cvtepi32_ps(_mm256_sub_epi32(bits, _mm256_set1_epi32(127)))};
}
inline Floats mantissaOf(Floats a) {
  const __m256 kept = _mm256_and_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0x807fffffu))));
  return {_mm256_or_ps(kept, _mm256_set1_ps(1.0f))};
}

inline Mask less(Floats a, Floats b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
inline Mask lessEqual(Floats a, Floats b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
inline Mask equal(Floats a, Floats b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ)}; }
inline Mask isNaN(Floats a) { return {_mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q)}; }
inline Mask operator!(Mask a) { return {_mm256_xor_ps(a.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))}; }
inline Mask operator|(Mask a, Mask b) { return {_mm256_or_ps(a.v, b.v)}; }
inline Mask operator&(Mask a, Mask b) { return {_mm256_and_ps(a.v, b.v)}; }
inline Floats select(Mask m, Floats a, Floats b) { return {_mm256_blendv_ps(b.v, a.v, m.v)}; }
inline void storeMask(uint8_t* p, Mask m) {
  const __m256i words = _mm256_castps_si256(m.v);
  const __m128i halves = _mm_packs_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  const __m128i bytes = _mm_and_si128(_mm_packs_epi16(halves, halves), _mm_set1_epi8(1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), bytes);
}

inline Doubles broadcast(double a) { return {_mm256_set1_pd(a)}; }
inline Doubles load(const double* p) { return {_mm256_loadu_pd(p)}; }
inline Doubles loadFirst(const double* p, int64_t n) { return {_mm256_maskload_pd(p, firstDoubleLanes(n))}; }
inline void store(double* p, Doubles a) { _mm256_storeu_pd(p, a.v); }
inline void storeFirst(double* p, Doubles a, int64_t n) { _mm256_maskstore_pd(p, firstDoubleLanes(n), a.v); }
inline Doubles operator+(Doubles a, Doubles b) { return {_mm256_add_pd(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {_mm256_sub_pd(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {_mm256_mul_pd(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {_mm256_div_pd(a.v, b.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
inline Doubles greatest(Doubles a, Doubles b) { return {_mm256_max_pd(a.v, b.v)}; }
inline Doubles absolute(Doubles a) { return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)}; }
inline DoubleMask less(Doubles a, Doubles b) { return {_mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ)}; }
inline Doubles select(DoubleMask m, Doubles a, Doubles b) { return {_mm256_blendv_pd(b.v, a.v, m.v)}; }

inline Doubles widenLow(Floats a) { return {_mm256_cvtps_pd(_mm256_castps256_ps128(a.v))}; }
inline Doubles widenHigh(Floats a) { return {_mm256_cvtps_pd(_mm256_extractf128_ps(a.v, 1))}; }
inline Floats narrow(Doubles low, Doubles high) {
  return {_mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low.v)), _mm256_cvtpd_ps(high.v), 1)};
}

}  // namespace
}  // namespace phigrad
