// Vectors of 4 floats and of 2 doubles in plain C++, for processors without a header of their own. See simd.h.
#pragma once
#include "partial.h"

namespace phigrad {
namespace {

constexpr int kLanes = 4;
constexpr bool kHasFma = false;

struct Floats {
  float v[4];
};
struct Doubles {
  double v[2];
};
struct Mask {
  bool v[4];
};
struct DoubleMask {
  bool v[2];
};

// out[i] = f(i) for every lane.
template <typename Vector, typename Function>
inline Vector eachLane(const Function& f) {
  Vector out;
  constexpr int lanes = sizeof(out.v) / sizeof(out.v[0]);
  for (int i = 0; i < lanes; i++) out.v[i] = f(i);
  return out;
}

inline Floats broadcast(float a) { return {{a, a, a, a}}; }
inline Floats load(const float* p) { return {{p[0], p[1], p[2], p[3]}}; }
inline Floats loadFirst(const float* p, int64_t n) { return loadPartly<Floats>(p, n); }
inline Floats loadBytes(const uint8_t* p) {
  return eachLane<Floats>([=](int i) { return static_cast<float>(p[i]); });
}
inline void store(float* p, Floats a) { memcpy(p, a.v, sizeof a.v); }
inline void storeFirst(float* p, Floats a, int64_t n) { storePartly(p, a, n); }
inline void stream(float* p, Floats a) { store(p, a); }
inline void streamFence() {}

inline Floats operator+(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] + b.v[i]; });
}
inline Floats operator-(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] - b.v[i]; });
}
inline Floats operator*(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] * b.v[i]; });
}
inline Floats operator/(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] / b.v[i]; });
}
inline Floats fma(Floats a, Floats b, Floats c) {
  return eachLane<Floats>([=](int i) { return a.v[i] * b.v[i] + c.v[i]; });
}
inline Floats greatest(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline Floats least(Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
}
inline Floats squareRoot(Floats a) {
  return eachLane<Floats>([=](int i) { return __builtin_sqrtf(a.v[i]); });
}
inline Floats absolute(Floats a) {
  return eachLane<Floats>([=](int i) { return __builtin_fabsf(a.v[i]); });
}
inline Floats roundToEven(Floats a) {
  return eachLane<Floats>([=](int i) { return __builtin_rintf(a.v[i]); });
}
inline Floats timesPowerOfTwo(Floats a, Floats n) {
  return eachLane<Floats>([=](int i) { return __builtin_ldexpf(a.v[i], static_cast<int>(n.v[i])); });
}
// frexp gives 1/2 ≤ |m| < 1.
inline float splitFloat(float a, int& exponent) { return 2.0f * __builtin_frexpf(a, &exponent); }
inline Floats exponentOf(Floats a) {
  return eachLane<Floats>([=](int i) {
    int exponent = 0;
    splitFloat(a.v[i], exponent);
    return static_cast<float>(exponent - 1);
  });
}
inline Floats mantissaOf(Floats a) {
  return eachLane<Floats>([=](int i) {
    int exponent = 0;
    return splitFloat(a.v[i], exponent);
  });
}

inline Mask less(Floats a, Floats b) {
  return eachLane<Mask>([=](int i) { return a.v[i] < b.v[i]; });
}
inline Mask lessEqual(Floats a, Floats b) {
  return eachLane<Mask>([=](int i) { return a.v[i] <= b.v[i]; });
}
inline Mask equal(Floats a, Floats b) {
  return eachLane<Mask>([=](int i) { return a.v[i] == b.v[i]; });
}
inline Mask isNaN(Floats a) {
  return eachLane<Mask>([=](int i) { return a.v[i] != a.v[i]; });
}
inline Mask operator!(Mask a) {
  return eachLane<Mask>([=](int i) { return !a.v[i]; });
}
inline Mask operator|(Mask a, Mask b) {
  return eachLane<Mask>([=](int i) { return a.v[i] || b.v[i]; });
}
inline Mask operator&(Mask a, Mask b) {
  return eachLane<Mask>([=](int i) { return a.v[i] && b.v[i]; });
}
inline Floats select(Mask m, Floats a, Floats b) {
  return eachLane<Floats>([=](int i) { return m.v[i] ? a.v[i] : b.v[i]; });
}
inline void storeMask(uint8_t* p, Mask m) {
  for (int i = 0; i < 4; i++) p[i] = m.v[i] ? 1 : 0;
}

inline Doubles broadcast(double a) { return {{a, a}}; }
inline Doubles load(const double* p) { return {{p[0], p[1]}}; }
inline Doubles loadFirst(const double* p, int64_t n) { return loadPartly<Doubles>(p, n); }
inline void store(double* p, Doubles a) { memcpy(p, a.v, sizeof a.v); }
inline void storeFirst(double* p, Doubles a, int64_t n) { storePartly(p, a, n); }
inline Doubles operator+(Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return a.v[i] + b.v[i]; });
}
inline Doubles operator-(Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return a.v[i] - b.v[i]; });
}
inline Doubles operator*(Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return a.v[i] * b.v[i]; });
}
inline Doubles operator/(Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return a.v[i] / b.v[i]; });
}
inline Doubles fma(Doubles a, Doubles b, Doubles c) {
  return eachLane<Doubles>([=](int i) { return a.v[i] * b.v[i] + c.v[i]; });
}
inline Doubles greatest(Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
}
inline Doubles absolute(Doubles a) {
  return eachLane<Doubles>([=](int i) { return __builtin_fabs(a.v[i]); });
}
inline DoubleMask less(Doubles a, Doubles b) { return {{a.v[0] < b.v[0], a.v[1] < b.v[1]}}; }
inline Doubles select(DoubleMask m, Doubles a, Doubles b) {
  return eachLane<Doubles>([=](int i) { return m.v[i] ? a.v[i] : b.v[i]; });
}

inline Doubles widenLow(Floats a) { return {{a.v[0], a.v[1]}}; }
inline Doubles widenHigh(Floats a) { return {{a.v[2], a.v[3]}}; }
inline Floats narrow(Doubles low, Doubles high) {
  return {{static_cast<float>(low.v[0]), static_cast<float>(low.v[1]), static_cast<float>(high.v[0]),
           static_cast<float>(high.v[1])}};
}

}  // namespace
}  // namespace phigrad
