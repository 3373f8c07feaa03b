// Reading strided operands piece by piece: a piece is a stretch of the output in C order. Dense operands are used in place;
// others are gathered into a buffer of a piece, so that arithmetic only ever sees dense arrays and scalars.
#pragma once
#include "parallel.h"
#include "simd.h"

namespace phigrad {
namespace {

constexpr int64_t kPiece = 2048;

// Elements [begin, begin + count) in C order of the operand's shape.
template <typename T>
inline void gather(const Strided& x, int64_t begin, int64_t count, T* to) {
  const int last = static_cast<int>(x.axes) - 1;
  int64_t index[kMostAxes];
  int64_t from = 0;
  for (int axis = last; axis >= 0; axis--) {
    index[axis] = begin % x.sizes[axis];
    begin /= x.sizes[axis];
    from += index[axis] * x.strides[axis];
  }
  const T* const data = static_cast<const T*>(x.data);
  const int64_t step = x.strides[last];
  for (int64_t done = 0; done < count;) {
    const int64_t run = minimumOf(x.sizes[last] - index[last], count - done);
    const T* const source = data + from;
    if (step == 1) for (int64_t i = 0; i < run; i++) to[done + i] = source[i];
    else for (int64_t i = 0; i < run; i++) to[done + i] = source[i * step];
    done += run;
    if (done == count) return;
    // The run ended with its axis: on to the next index of the axes before it.
    from -= index[last] * step;
    index[last] = 0;
    for (int axis = last - 1; axis >= 0; axis--) {
      from += x.strides[axis];
      if (++index[axis] < x.sizes[axis]) break;
      from -= x.sizes[axis] * x.strides[axis];
      index[axis] = 0;
    }
  }
}

// The elements of a piece: in place, or gathered into `buffer` of kPiece elements.
template <typename T>
inline const T* piece(const Strided& x, int64_t begin, int64_t count, T* buffer) {
  if (x.isDense()) return static_cast<const T*>(x.data) + begin;
  gather(x, begin, count, buffer);
  return buffer;
}

// f(begin, count) for every piece of [0, count), in grains that the threads take.
template <typename Function>
inline void forEachPiece(int64_t count, const Function& f) {
  parallelRanges(count, 8 * kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t start = begin; start < end; start += kPiece) f(start, minimumOf(kPiece, end - start));
  });
}

}  // namespace
}  // namespace phigrad
