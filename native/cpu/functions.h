// e^x, ln x and the sigmoid on vectors of floats, to about one unit in the last place. The polynomials are those of the Cephes
// library (S. L. Moshier, expf.c and logf.c, public domain).
#pragma once
#include "simd.h"

namespace phigrad {
namespace {

// e^x = 2^n·e^r with n = round(x / ln 2), |r| ≤ ln 2 / 2; ln 2 is split in two so that n·ln 2 leaves r its digits.
inline Floats exponential(Floats x) {
  // Outside these bounds the result is 0 or infinite. NaN stays: least and greatest hand their second operand through.
  x = least(broadcast(89.0f), greatest(broadcast(-104.0f), x));
  const Floats n = roundToEven(x * broadcast(1.44269504088896341f));
  Floats r = fma(n, broadcast(-0.693359375f), x);
  r = fma(n, broadcast(2.12194440e-4f), r);
  Floats p = broadcast(1.9875691500e-4f);
  p = fma(p, r, broadcast(1.3981999507e-3f));
  p = fma(p, r, broadcast(8.3334519073e-3f));
  p = fma(p, r, broadcast(4.1665795894e-2f));
  p = fma(p, r, broadcast(1.6666665459e-1f));
  p = fma(p, r, broadcast(5.0000001201e-1f));
  return timesPowerOfTwo(fma(p, r * r, r) + broadcast(1.0f), n);
}

// ln x = e·ln 2 + ln m with x = m·2^e, √½ ≤ m < √2.
inline Floats logarithm(Floats x) {
  const Floats smallestNormal = broadcast(1.17549435e-38f);
  const Mask tiny = less(x, smallestNormal);
  const Floats normal = select(tiny, x * broadcast(33554432.0f), x);
  Floats e = exponentOf(normal) - select(tiny, broadcast(25.0f), broadcast(0.0f));
  Floats m = mantissaOf(normal);
  const Mask large = less(broadcast(1.41421356f), m);
  m = select(large, m * broadcast(0.5f), m) - broadcast(1.0f);
  e = select(large, e + broadcast(1.0f), e);
  const Floats square = m * m;
  Floats p = broadcast(7.0376836292e-2f);
  p = fma(p, m, broadcast(-1.1514610310e-1f));
  p = fma(p, m, broadcast(1.1676998740e-1f));
  p = fma(p, m, broadcast(-1.2420140846e-1f));
  p = fma(p, m, broadcast(1.4249322787e-1f));
  p = fma(p, m, broadcast(-1.6668057665e-1f));
  p = fma(p, m, broadcast(2.0000714765e-1f));
  p = fma(p, m, broadcast(-2.4999993993e-1f));
  p = fma(p, m, broadcast(3.3333331174e-1f));
  Floats tail = fma(e, broadcast(-2.12194440e-4f), p * m * square);
  tail = fma(square, broadcast(-0.5f), tail);
  const Floats value = fma(e, broadcast(0.693359375f), m + tail);
  const Floats zero = broadcast(0.0f);
  const Floats infinity = broadcast(__builtin_inff());
  const Floats atZero = select(equal(x, zero), zero - infinity, value);
  const Floats ofNegative = select(less(x, zero), broadcast(__builtin_nanf("")), atZero);
  return select(equal(x, infinity) | isNaN(x), x, ofNegative);
}

// 1 / (1 + e^−x); the exponential is always of a number ≤ 0, so nothing overflows.
inline Floats logistic(Floats x) {
  const Floats zero = broadcast(0.0f);
  const Floats e = exponential(zero - absolute(x));
  const Floats inverse = broadcast(1.0f) / (broadcast(1.0f) + e);
  return select(less(x, zero), e * inverse, inverse);
}

}  // namespace
}  // namespace phigrad
