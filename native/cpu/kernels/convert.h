// Dense copies of strided tensors, and conversions between dtypes that occur on the way of the data.
#pragma once
#include "../strided.h"

namespace phigrad {
namespace {

template <typename T>
inline void copyElements(const Strided& x, int64_t count, T* out) {
  forEachPiece(count, [&](int64_t begin, int64_t length) { gather(x, begin, length, out + begin); });
}

void copy(const Strided& x, int64_t bytesPerElement, int64_t count, void* out) {
  if (bytesPerElement == 1) copyElements(x, count, static_cast<uint8_t*>(out));
  else if (bytesPerElement == 4) copyElements(x, count, static_cast<uint32_t*>(out));
  else copyElements(x, count, static_cast<uint64_t*>(out));
}

// out[i] = convert(x[i]); loops this simple the compiler turns into vectors.
template <typename From, typename To, typename Convert>
inline void convertElements(const void* x, int64_t count, void* out, const Convert& convert) {
  const From* const from = static_cast<const From*>(x);
  To* const to = static_cast<To*>(out);
  parallelRanges(count, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) to[i] = convert(from[i]);
  });
}

void cast(Cast conversion, const void* x, int64_t count, void* out) {
  switch (conversion) {
    case Cast::floatToDouble:
      return convertElements<float, double>(x, count, out, [](float a) { return static_cast<double>(a); });
    case Cast::doubleToFloat:
      return convertElements<double, float>(x, count, out, [](double a) { return static_cast<float>(a); });
    case Cast::byteToFloat:
      return convertElements<uint8_t, float>(x, count, out, [](uint8_t a) { return static_cast<float>(a); });
    case Cast::floatToBool:
      return convertElements<float, uint8_t>(x, count, out, [](float a) { return static_cast<uint8_t>(a != 0 ? 1 : 0); });
    case Cast::count: return;
  }
}

}  // namespace
}  // namespace phigrad
