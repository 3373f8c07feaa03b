// One step of Adam on every element, in place, in one pass (float32; the two bias corrections are folded into one factor each):
//
//   s = gradient + weightDecay·p      m ← β₁·m + (1 − β₁)·s      v ← β₂·v + (1 − β₂)·s²
//   p ← p − (learningRate / (1 − β₁ᵗ)) · m / (√(v / (1 − β₂ᵗ)) + ε)
#pragma once
#include "../parallel.h"
#include "../simd.h"

namespace phigrad {
namespace {

struct AdamFactors {
  Floats rate, inverse, beta1, beta2, rest1, rest2, epsilon, weightDecay;
};

inline void adamVector(const AdamFactors& f, Floats gradient, Floats& p, Floats& m, Floats& v) {
  const Floats slope = fma(f.weightDecay, p, gradient);
  m = fma(f.rest1, slope, f.beta1 * m);
  v = fma(f.rest2 * slope, slope, f.beta2 * v);
  p = p - f.rate * m / (squareRoot(v * f.inverse) + f.epsilon);
}

// β ^ step for a whole step, by squaring: no C++ library here.
inline double wholePower(double base, double exponent) {
  double result = 1;
  for (int64_t left = static_cast<int64_t>(exponent); left > 0; left /= 2) {
    if (left % 2 == 1) result *= base;
    base *= base;
  }
  return result;
}

void adamStep(float* parameter, const float* gradient, float* firstMoment, float* secondMoment, int64_t count,
              const AdamStep& options) {
  const auto spread = [](double value) { return broadcast(static_cast<float>(value)); };
  const AdamFactors factors = {
      .rate = spread(options.learningRate / (1 - wholePower(options.beta1, options.step))),
      .inverse = spread(1 / (1 - wholePower(options.beta2, options.step))),
      .beta1 = spread(options.beta1),
      .beta2 = spread(options.beta2),
      .rest1 = spread(1 - options.beta1),
      .rest2 = spread(1 - options.beta2),
      .epsilon = spread(options.epsilon),
      .weightDecay = spread(options.weightDecay),
  };
  parallelRanges(count, 16384, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      Floats p = load(parameter + i), m = load(firstMoment + i), v = load(secondMoment + i);
      adamVector(factors, load(gradient + i), p, m, v);
      store(parameter + i, p);
      store(firstMoment + i, m);
      store(secondMoment + i, v);
    }
    const int64_t left = end - i;
    if (left == 0) return;
    Floats p = loadFirst(parameter + i, left), m = loadFirst(firstMoment + i, left);
    Floats v = loadFirst(secondMoment + i, left);
    adamVector(factors, loadFirst(gradient + i, left), p, m, v);
    storeFirst(parameter + i, p, left);
    storeFirst(firstMoment + i, m, left);
    storeFirst(secondMoment + i, v, left);
  });
}

}  // namespace
}  // namespace phigrad
