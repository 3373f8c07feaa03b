// out[i] = f(a[i], b[i]), comparisons and where, with broadcasting: operands are strided (strided.h), a scalar stays in a
// register, out is dense. Where either operand is NaN it wins minimum and maximum, and every comparison but ≠ is false.
#pragma once
#include "../strided.h"

namespace phigrad {
namespace {

// f(vector of a, vector of b) for one piece; `put(i, value, lanes)` takes the result.
template <typename Function, typename Put>
inline void combine(const float* a, bool aIsScalar, const float* b, bool bIsScalar, int64_t count, const Function& f,
                    const Put& put) {
  const Floats aAll = broadcast(a[0]), bAll = broadcast(b[0]);
  int64_t i = 0;
  if (aIsScalar) for (; i + kLanes <= count; i += kLanes) put(i, f(aAll, load(b + i)), kLanes);
  else if (bIsScalar) for (; i + kLanes <= count; i += kLanes) put(i, f(load(a + i), bAll), kLanes);
  else for (; i + kLanes <= count; i += kLanes) put(i, f(load(a + i), load(b + i)), kLanes);
  const int64_t left = count - i;
  if (left == 0) return;
  const Floats x = aIsScalar ? aAll : loadFirst(a + i, left);
  put(i, f(x, bIsScalar ? bAll : loadFirst(b + i, left)), left);
}

// f over all pieces; put(i, value, lanes) with i counted over the whole output.
template <typename Function, typename Put>
inline void combinePieces(const Strided& a, const Strided& b, int64_t count, const Function& f, const Put& put) {
  // One scalar at most stays in a register; of two, b is written out.
  const bool aIsScalar = a.isScalar(), bIsScalar = !aIsScalar && b.isScalar();
  forEachPiece(count, [&](int64_t begin, int64_t length) {
    float aBuffer[kPiece], bBuffer[kPiece];
    const float* const x = aIsScalar ? static_cast<const float*>(a.data) : piece(a, begin, length, aBuffer);
    const float* const y = bIsScalar ? static_cast<const float*>(b.data) : piece(b, begin, length, bBuffer);
    combine(x, aIsScalar, y, bIsScalar, length, f,
            [&](int64_t i, auto value, int64_t lanes) { put(begin + i, value, lanes); });
  });
}

// a^b with JavaScript's answers: NaN for a NaN exponent, and for ±1 to an infinite one, where C says 1.
inline float power(float a, float b) {
  if (b != b || ((a == 1 || a == -1) && __builtin_isinf(b))) return __builtin_nanf("");
  return __builtin_powf(a, b);
}

inline Floats powers(Floats a, Floats b) {
  float x[kLanes], y[kLanes];
  store(x, a);
  store(y, b);
  for (int i = 0; i < kLanes; i++) x[i] = power(x[i], y[i]);
  return load(x);
}

inline Floats notNaN(Floats a, Floats b, Floats otherwise) { return select(isNaN(a) | isNaN(b), a + b, otherwise); }

void binary(BinaryOp op, const Strided& a, const Strided& b, int64_t count, float* out) {
  const auto write = [&](int64_t i, Floats value, int64_t lanes) {
    if (lanes == kLanes) store(out + i, value);
    else storeFirst(out + i, value, lanes);
  };
  const auto with = [&](const auto& f) { combinePieces(a, b, count, f, write); };
  switch (op) {
    case BinaryOp::add: return with([](Floats x, Floats y) { return x + y; });
    case BinaryOp::sub: return with([](Floats x, Floats y) { return x - y; });
    case BinaryOp::mul: return with([](Floats x, Floats y) { return x * y; });
    case BinaryOp::div: return with([](Floats x, Floats y) { return x / y; });
    case BinaryOp::pow: return with([](Floats x, Floats y) { return powers(x, y); });
    case BinaryOp::minimum: return with([](Floats x, Floats y) { return notNaN(x, y, least(x, y)); });
    case BinaryOp::maximum: return with([](Floats x, Floats y) { return notNaN(x, y, greatest(x, y)); });
    case BinaryOp::count: return;
  }
}

void compare(Comparison op, const Strided& a, const Strided& b, int64_t count, uint8_t* out) {
  const auto write = [&](int64_t i, Mask value, int64_t lanes) {
    if (lanes == kLanes) return storeMask(out + i, value);
    uint8_t bytes[kLanes];
    storeMask(bytes, value);
    for (int64_t k = 0; k < lanes; k++) out[i + k] = bytes[k];
  };
  const auto with = [&](const auto& f) { combinePieces(a, b, count, f, write); };
  switch (op) {
    case Comparison::equal: return with([](Floats x, Floats y) { return equal(x, y); });
    case Comparison::notEqual: return with([](Floats x, Floats y) { return !equal(x, y); });
    case Comparison::less: return with([](Floats x, Floats y) { return less(x, y); });
    case Comparison::lessEqual: return with([](Floats x, Floats y) { return lessEqual(x, y); });
    case Comparison::greater: return with([](Floats x, Floats y) { return less(y, x); });
    case Comparison::greaterEqual: return with([](Floats x, Floats y) { return lessEqual(y, x); });
    case Comparison::count: return;
  }
}

void where(const Strided& condition, const Strided& a, const Strided& b, int64_t count, float* out) {
  forEachPiece(count, [&](int64_t begin, int64_t length) {
    float aBuffer[kPiece], bBuffer[kPiece];
    uint8_t conditionBuffer[kPiece];
    const float* const x = piece(a, begin, length, aBuffer);
    const float* const y = piece(b, begin, length, bBuffer);
    const uint8_t* const c = piece(condition, begin, length, conditionBuffer);
    const Floats zero = broadcast(0.0f);
    int64_t i = 0;
    for (; i + kLanes <= length; i += kLanes)
      store(out + begin + i, select(less(zero, loadBytes(c + i)), load(x + i), load(y + i)));
    for (; i < length; i++) out[begin + i] = c[i] != 0 ? x[i] : y[i];
  });
}

}  // namespace
}  // namespace phigrad
