// Vectors of 4 floats and of 2 doubles, NEON on 64-bit ARM. See simd.h for what each function means.
#pragma once
#include <arm_neon.h>

#include "partial.h"

namespace phigrad {
namespace {

constexpr int kLanes = 4;
constexpr bool kHasFma = true;

struct Floats {
  float32x4_t v;
};
struct Doubles {
  float64x2_t v;
};
struct Mask {
  uint32x4_t v;
};
struct DoubleMask {
  uint64x2_t v;
};

inline Floats broadcast(float a) { return {vdupq_n_f32(a)}; }
inline Floats load(const float* p) { return {vld1q_f32(p)}; }
inline Floats loadFirst(const float* p, int64_t n) { return loadPartly<Floats>(p, n); }
inline Floats loadBytes(const uint8_t* p) {
  const uint32_t words[4] = {p[0], p[1], p[2], p[3]};
  return {vcvtq_f32_u32(vld1q_u32(words))};
}
inline void store(float* p, Floats a) { vst1q_f32(p, a.v); }
inline void storeFirst(float* p, Floats a, int64_t n) { storePartly(p, a, n); }
inline void stream(float* p, Floats a) { vst1q_f32(p, a.v); }
inline void streamFence() {}

inline Floats operator+(Floats a, Floats b) { return {vaddq_f32(a.v, b.v)}; }
inline Floats operator-(Floats a, Floats b) { return {vsubq_f32(a.v, b.v)}; }
inline Floats operator*(Floats a, Floats b) { return {vmulq_f32(a.v, b.v)}; }
inline Floats operator/(Floats a, Floats b) { return {vdivq_f32(a.v, b.v)}; }
inline Floats fma(Floats a, Floats b, Floats c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
inline Floats greatest(Floats a, Floats b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
inline Floats least(Floats a, Floats b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
inline Floats squareRoot(Floats a) { return {vsqrtq_f32(a.v)}; }
inline Floats absolute(Floats a) { return {vabsq_f32(a.v)}; }
inline Floats roundToEven(Floats a) { return {vrndnq_f32(a.v)}; }
// In two halves, so that results below the smallest normal number come out right.
inline Floats timesPowerOfTwo(Floats a, Floats n) {
  const int32x4_t whole = vcvtnq_s32_f32(n.v);
  const int32x4_t half = vshrq_n_s32(whole, 1);
  const int32x4_t rest = vsubq_s32(whole, half);
  const int32x4_t bias = vdupq_n_s32(127);
  const float32x4_t first = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(half, bias), 23));
  const float32x4_t second = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(rest, bias), 23));
  return {vmulq_f32(vmulq_f32(a.v, first), second)};
}
inline Floats exponentOf(Floats a) {
  const uint32x4_t bits = vandq_u32(vshrq_n_u32(vreinterpretq_u32_f32(a.v), 23), vdupq_n_u32(255));
  return {vcvtq_f32_s32(vsubq_s32(vreinterpretq_s32_u32(bits), vdupq_n_s32(127)))};
}
inline Floats mantissaOf(Floats a) {
  const uint32x4_t kept = vandq_u32(vreinterpretq_u32_f32(a.v), vdupq_n_u32(0x807fffffu));
  return {vreinterpretq_f32_u32(vorrq_u32(kept, vdupq_n_u32(0x3f800000u)))};
}

inline Mask less(Floats a, Floats b) { return {vcltq_f32(a.v, b.v)}; }
inline Mask lessEqual(Floats a, Floats b) { return {vcleq_f32(a.v, b.v)}; }
inline Mask equal(Floats a, Floats b) { return {vceqq_f32(a.v, b.v)}; }
inline Mask isNaN(Floats a) { return {vmvnq_u32(vceqq_f32(a.v, a.v))}; }
inline Mask operator!(Mask a) { return {vmvnq_u32(a.v)}; }
inline Mask operator|(Mask a, Mask b) { return {vorrq_u32(a.v, b.v)}; }
inline Mask operator&(Mask a, Mask b) { return {vandq_u32(a.v, b.v)}; }
inline Floats select(Mask m, Floats a, Floats b) { return {vbslq_f32(m.v, a.v, b.v)}; }
inline void storeMask(uint8_t* p, Mask m) {
  uint32_t words[4];
  vst1q_u32(words, m.v);
  for (int i = 0; i < 4; i++) p[i] = static_cast<uint8_t>(words[i] & 1u);
}

inline Doubles broadcast(double a) { return {vdupq_n_f64(a)}; }
inline Doubles load(const double* p) { return {vld1q_f64(p)}; }
inline Doubles loadFirst(const double* p, int64_t n) { return loadPartly<Doubles>(p, n); }
inline void store(double* p, Doubles a) { vst1q_f64(p, a.v); }
inline void storeFirst(double* p, Doubles a, int64_t n) { storePartly(p, a, n); }
inline Doubles operator+(Doubles a, Doubles b) { return {vaddq_f64(a.v, b.v)}; }
inline Doubles operator-(Doubles a, Doubles b) { return {vsubq_f64(a.v, b.v)}; }
inline Doubles operator*(Doubles a, Doubles b) { return {vmulq_f64(a.v, b.v)}; }
inline Doubles operator/(Doubles a, Doubles b) { return {vdivq_f64(a.v, b.v)}; }
inline Doubles fma(Doubles a, Doubles b, Doubles c) { return {vfmaq_f64(c.v, a.v, b.v)}; }
inline Doubles greatest(Doubles a, Doubles b) { return {vbslq_f64(vcgtq_f64(a.v, b.v), a.v, b.v)}; }
inline Doubles absolute(Doubles a) { return {vabsq_f64(a.v)}; }
inline DoubleMask less(Doubles a, Doubles b) { return {vcltq_f64(a.v, b.v)}; }
inline Doubles select(DoubleMask m, Doubles a, Doubles b) { return {vbslq_f64(m.v, a.v, b.v)}; }

inline Doubles widenLow(Floats a) { return {vcvt_f64_f32(vget_low_f32(a.v))}; }
inline Doubles widenHigh(Floats a) { return {vcvt_high_f64_f32(a.v)}; }
inline Floats narrow(Doubles low, Doubles high) { return {vcvt_high_f32_f64(vcvt_f32_f64(low.v), high.v)}; }

}  // namespace
}  // namespace phigrad
