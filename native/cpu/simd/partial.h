// Loads and stores of the first lanes for instruction sets without masks: through a small array on the stack.
#pragma once
#include <string.h>


namespace phigrad {
namespace {

template <typename Vector, typename Number>
inline Vector loadPartly(const Number* p, int64_t n) {
  constexpr int64_t lanes = sizeof(Vector) / sizeof(Number);
  alignas(16) Number values[lanes] = {};
  for (int64_t i = 0; i < n; i++) values[i] = p[i];
  Vector out;
  memcpy(&out, values, sizeof out);
  return out;
}

template <typename Vector, typename Number>
inline void storePartly(Number* p, Vector a, int64_t n) {
  constexpr int64_t lanes = sizeof(Vector) / sizeof(Number);
  alignas(16) Number values[lanes];
  memcpy(values, &a, sizeof a);
  for (int64_t i = 0; i < n; i++) p[i] = values[i];
}

}  // namespace
}  // namespace phigrad
