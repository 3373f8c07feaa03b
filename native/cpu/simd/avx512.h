// Vectors of 16 floats and of 8 doubles, AVX-512. See simd.h for what each function means.
#pragma once
#include <immintrin.h>

namespace phigrad {
namespace {

constexpr int kLanes = 16;
constexpr bool kHasFma = true;

struct Floats {
  __m512 v;
};
struct Doubles {
  __m512d v;
};
struct Mask {
  __mmask16 v;
};
struct DoubleMask {
  __mmask8 v;
};

inline __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>((1u << n) - 1u); }
inline __mmask8 firstDoubleLanes(int64_t n) { return static_cast<__mmask8>((1u << n) - 1u); }

inline Floats broadcast(float a) { return {_mm512_set1_ps(a)}; }
inline Floats load(const float* p) { return {_mm512_loadu_ps(p)}; }
inline Floats loadFirst(const float* p, int64_t n) { return {_mm512_maskz_loadu_ps(firstLanes(n), p)}; }
inline Floats loadBytes(const uint8_t* p) {
  return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
}
inline void store(float* p, Floats a) { _mm512_storeu_ps(p, a.v); }
inline void storeFirst(float* p, Floats a, int64_t n) { _mm512_mask_storeu_ps(p, firstLanes(n), a.v); }
inline void stream(float* p, Floats a) { _mm512_stream_ps(p, a.v); }
inline void streamFence() { _mm_sfence(); }

inline Floats operator+(Floats a, Floats b) { return {_mm512_add_ps(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {_mm512_sub_ps(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {_mm512_mul_ps(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {_mm512_div_ps(a.v, b.v)}; }
inline Floats fma(Floats a, Floats b, Floats c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
inline Floats greatest(Floats a, Floats b) { return {_mm512_max_ps(a.v, b.v)}; }
inline Floats least(Floats a, Floats b) { return {_mm512_min_ps(a.v, b.v)}; }
inline Floats squareRoot(Floats a) { return {_mm512_sqrt_ps(a.v)}; }
inline Floats absolute(Floats a) { return {_mm512_abs_ps(a.v)}; }
inline Floats roundToEven(Floats a) {
  return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)};
}
inline Floats timesPowerOfTwo(Floats a, Floats n) { return {_mm512_scalef_ps(a.v, n.v)}; }
inline Floats exponentOf(Floats a) { return {_mm512_getexp_ps(a.v)}; }
inline Floats mantissaOf(Floats a) { return {_mm512_getmant_ps(a.v, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_src)}; }

inline Mask less(Floats a, Floats b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Mask lessEqual(Floats a, Floats b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_LE_OQ)}; }
inline Mask equal(Floats a, Floats b) { return {_mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ)}; }
inline Mask isNaN(Floats a) { return {_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q)}; }
inline Mask operator!(Mask a) { return {static_cast<__mmask16>(~a.v)}; }
inline Mask operator|(Mask a, Mask b) { return {static_cast<__mmask16>(a.v | b.v)}; }
inline Mask operator&(Mask a, Mask b) { return {static_cast<__mmask16>(a.v & b.v)}; }
inline Floats select(Mask m, Floats a, Floats b) { return {_mm512_mask_blend_ps(m.v, b.v, a.v)}; }
inline void storeMask(uint8_t* p, Mask m) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_maskz_set1_epi32(m.v, 1)));
}

inline Doubles broadcast(double a) { return {_mm512_set1_pd(a)}; }
inline Doubles load(const double* p) { return {_mm512_loadu_pd(p)}; }
inline Doubles loadFirst(const double* p, int64_t n) { return {_mm512_maskz_loadu_pd(firstDoubleLanes(n), p)}; }
inline void store(double* p, Doubles a) { _mm512_storeu_pd(p, a.v); }
inline void storeFirst(double* p, Doubles a, int64_t n) { _mm512_mask_storeu_pd(p, firstDoubleLanes(n), a.v); }
inline Doubles operator+(Doubles a, Doubles b) { return {_mm512_add_pd(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {_mm512_sub_pd(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {_mm512_mul_pd(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {_mm512_div_pd(a.v, b.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {_mm512_fmadd_pd(a.v, b.v, c.v)}; }
inline Doubles greatest(Doubles a, Doubles b) { return {_mm512_max_pd(a.v, b.v)}; }
inline Doubles absolute(Doubles a) { return {_mm512_abs_pd(a.v)}; }
inline DoubleMask less(Doubles a, Doubles b) { return {_mm512_cmp_pd_mask(a.v, b.v, _CMP_LT_OQ)}; }
inline Doubles select(DoubleMask m, Doubles a, Doubles b) { return {_mm512_mask_blend_pd(m.v, b.v, a.v)}; }

inline Doubles widenLow(Floats a) { return {_mm512_cvtps_pd(_mm512_castps512_ps256(a.v))}; }
inline Doubles widenHigh(Floats a) { return {_mm512_cvtps_pd(_mm512_extractf32x8_ps(a.v, 1))}; }
inline Floats narrow(Doubles low, Doubles high) {
  return {_mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low.v)), _mm512_cvtpd_ps(high.v), 1)};
}

}  // namespace
}  // namespace phigrad
