// out (B, X·fx, Y·fy, Z·fz, S + C): the S channels of skip, then those of x (B, X, Y, Z, C), each voxel repeated over its block;
// and the vjp, which copies the skip's part and sums the rest over blocks in float64. S = 0 is plain nearest upsampling.
// A task is some input rows (b, i, j): the fx·fy output rows above each are read or written by no other task.
#pragma once
#include "../parallel.h"
#include "../simd.h"

namespace phigrad {
namespace {

inline void copyFloats(const float* from, float* to, int64_t count) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
  if (i < count) storeFirst(to + i, loadFirst(from + i, count - i), count - i);
}

// f(row, outRow) for each of the fx·fy output rows of each input row, in order, then last(row).
template <typename Function, typename Last>
inline void forEachUpsampledRow(const UpsampleGeometry& g, int64_t width, const Function& f, const Last& last) {
  const int64_t blocks = g.factors.x * g.factors.y;
  const int64_t work = blocks * g.input.z * g.factors.z * width;
  parallelRanges(g.batch * g.input.x * g.input.y, maximumOf(1, 32768 / maximumOf(1, work)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t row = begin; row < end; row++) {
                     const int64_t plane = row / g.input.y * g.factors.x, line = row % g.input.y * g.factors.y;
                     for (int64_t block = 0; block < blocks; block++) {
                       const int64_t outPlane = plane + block / g.factors.y;
                       f(row, outPlane * g.input.y * g.factors.y + line + block % g.factors.y);
                     }
                     last(row);
                   }
                 });
}

void upsampleConcat(const float* skip, const float* x, int64_t skipChannels, const UpsampleGeometry& g, float* out) {
  const int64_t width = skipChannels + g.channels;
  const int64_t outZ = g.input.z * g.factors.z;
  const auto writeRow = [&](int64_t row, int64_t outRow) {
    const float* from = x + row * g.input.z * g.channels;
    const float* side = skip + outRow * outZ * skipChannels;
    float* to = out + outRow * outZ * width;
    for (int64_t k = 0; k < g.input.z; k++, from += g.channels) {
      for (int64_t repeat = 0; repeat < g.factors.z; repeat++, to += width, side += skipChannels) {
        copyFloats(side, to, skipChannels);
        copyFloats(from, to + skipChannels, g.channels);
      }
    }
  };
  forEachUpsampledRow(g, width, writeRow, [](int64_t) {});
}

// Adds a row of fz·Z voxels, ours among `width` channels, to the Z·C sums of its input row.
inline void addBlocks(const float* from, int64_t width, const UpsampleGeometry& g, double* sums) {
  for (int64_t k = 0; k < g.input.z; k++, sums += g.channels) {
    for (int64_t repeat = 0; repeat < g.factors.z; repeat++, from += width) {
      int64_t c = 0;
      for (; c + kLanes <= g.channels; c += kLanes) {
        const Floats value = load(from + c);
        store(sums + c, load(sums + c) + widenLow(value));
        store(sums + c + kDoubleLanes, load(sums + c + kDoubleLanes) + widenHigh(value));
      }
      for (; c < g.channels; c++) sums[c] += from[c];
    }
  }
}

void upsampleConcatGradient(const float* outputGradient, int64_t skipChannels, const UpsampleGeometry& g, float* skipOut,
                            float* xOut) {
  const int64_t width = skipChannels + g.channels;
  const int64_t outZ = g.input.z * g.factors.z;
  const int64_t rowLength = g.input.z * g.channels;
  const auto addRow = [&](int64_t, int64_t outRow) {
    double* const sums = scratchOf<double>(Scratch::taskA, rowLength);
    const bool first = outRow % (g.input.y * g.factors.y) % g.factors.y == 0 &&
                       outRow / (g.input.y * g.factors.y) % g.factors.x == 0;
    for (int64_t i = 0; first && i < rowLength; i++) sums[i] = 0;
    const float* const from = outputGradient + outRow * outZ * width;
    for (int64_t k = 0; k < outZ; k++) {
      copyFloats(from + k * width, skipOut + (outRow * outZ + k) * skipChannels, skipChannels);
    }
    addBlocks(from + skipChannels, width, g, sums);
  };
  const auto writeRow = [&](int64_t row) {
    const double* const sums = scratchOf<double>(Scratch::taskA, rowLength);
    for (int64_t i = 0; i < rowLength; i++) xOut[row * rowLength + i] = static_cast<float>(sums[i]);
  };
  forEachUpsampledRow(g, width, addRow, writeRow);
}

}  // namespace
}  // namespace phigrad
