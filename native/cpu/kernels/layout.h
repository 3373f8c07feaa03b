// Softmax along the last axis; joining and padding of dense arrays.
#pragma once
#include "../strided.h"
#include "overlap-tiles.h"

namespace phigrad {
namespace {

void softmax(const float* x, int64_t rows, int64_t classes, float* out) {
  const int64_t rowsOfTile = maximumOf(1, 2048 / classes);
  parallelRanges(rows, rowsOfTile * 4, [&](int64_t begin, int64_t end) {
    // Vectors of the exponential reach beyond a tile.
    float* const tile = scratchOf<float>(Scratch::taskA, rowsOfTile * classes + kTileSlack);
    for (int64_t row = begin; row < end; row += rowsOfTile) {
      const int64_t count = minimumOf(rowsOfTile, end - row) * classes;
      softmaxTile(x + row * classes, count, classes, tile);
      float* const to = out + row * classes;
      for (int64_t i = 0; i < count; i++) to[i] = tile[i];
    }
  });
}

// Writes `blocks` blocks of `length` neighbouring elements `step` apart.
void concatPart(const float* x, int64_t blocks, int64_t length, int64_t step, float* out) {
  // Few long blocks are cut, many short ones are taken together.
  const int64_t cut = minimumOf(length, 16384);
  const int64_t cuts = ceilingDivide(length, cut);
  parallelRanges(blocks * cuts, maximumOf(1, 16384 / cut), [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      const int64_t block = k / cuts, from = k % cuts * cut;
      const int64_t count = minimumOf(cut, length - from);
      const float* const source = x + block * length + from;
      float* const to = out + block * step + from;
      int64_t i = 0;
      for (; i + kLanes <= count; i += kLanes) store(to + i, load(source + i));
      if (i < count) storeFirst(to + i, loadFirst(source + i, count - i), count - i);
    }
  });
}

// Fills out (count elements) with `value`, then writes x, in C order of target's shape, to target's places from out[offset] on.
void pad(const float* x, const Strided& target, int64_t offset, float value, int64_t count, float* out) {
  const Floats values = broadcast(value);
  parallelRanges(count, 32768, [&](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) store(out + i, values);
    for (; i < end; i++) out[i] = value;
  });
  const int last = static_cast<int>(target.axes) - 1;
  const int64_t length = target.sizes[last], step = target.strides[last];
  int64_t rows = 1;
  for (int axis = 0; axis < last; axis++) rows *= target.sizes[axis];
  float* const first = out + offset;
  parallelRanges(rows, maximumOf(1, 8192 / maximumOf(1, length)), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      int64_t to = 0, rest = row;
      for (int axis = last - 1; axis >= 0; axis--) {
        to += rest % target.sizes[axis] * target.strides[axis];
        rest /= target.sizes[axis];
      }
      for (int64_t i = 0; i < length; i++) first[to + i * step] = x[row * length + i];
    }
  });
}

}  // namespace
}  // namespace phigrad
