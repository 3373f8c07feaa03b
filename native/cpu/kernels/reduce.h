// Reductions of x (groups, length, width) over length. Sums are float64: by chunks of a fixed size, then over the chunks in order.
// Four shapes of the same loop nest:
//   width 1         rows: vectors along the row, lanes added in a fixed tree at its end
//   narrow width    rows of periodic.h, sums by position in registers, then per channel
//   wide, or short  columns: a block of columns keeps its sums in the first-level cache while it goes down the rows
//   few elements    rows or columns of a single chunk
#pragma once
#include "../periodic.h"

namespace phigrad {
namespace {

constexpr int64_t kReduceChunk = 65536;
constexpr int64_t kColumns = 1024;

// Σ of neighbouring elements: eight vectors of doubles by position, then in a fixed tree.
inline double sumRun(const float* x, int64_t count) {
  Doubles sums[8];
  for (int k = 0; k < 8; k++) sums[k] = broadcast(0.0);
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes) {
    for (int k = 0; k < 4; k++) {
      const Floats a = load(x + i + k * kLanes);
      sums[2 * k] = sums[2 * k] + widenLow(a);
      sums[2 * k + 1] = sums[2 * k + 1] + widenHigh(a);
    }
  }
  double rest = 0;
  for (; i < count; i++) rest += static_cast<double>(x[i]);
  for (int width = 4; width > 0; width /= 2)
    for (int k = 0; k < width; k++) sums[k] = sums[k] + sums[k + width];
  return sumOfLanes(sums[0]) + rest;
}

inline double sumRun(const double* x, int64_t count) {
  double total = 0;
  for (int64_t i = 0; i < count; i++) total += x[i];
  return total;
}

// One result per group: groups are taken together where they are short, cut into chunks where they are long.
template <typename T, typename Write>
inline void sumOfRows(const T* x, const ReduceGeometry& g, const Write& write) {
  if (g.length <= kReduceChunk) {
    parallelRanges(g.groups, maximumOf(1, 32768 / maximumOf(1, g.length)), [&](int64_t begin, int64_t end) {
      for (int64_t group = begin; group < end; group++) write(group, sumRun(x + group * g.length, g.length));
    });
    return;
  }
  const int64_t chunks = ceilingDivide(g.length, kReduceChunk);
  double* const parts = scratchOf<double>(Scratch::sharedA, g.groups * chunks);
  parallel(g.groups * chunks, [&](int64_t task) {
    const int64_t begin = task % chunks * kReduceChunk;
    parts[task] = sumRun(x + task / chunks * g.length + begin, minimumOf(kReduceChunk, g.length - begin));
  });
  for (int64_t group = 0; group < g.groups; group++) {
    double total = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) total += parts[group * chunks + chunk];
    write(group, total);
  }
}

// to[i] += x[i].
inline void addColumns(const float* x, int64_t count, double* to) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Floats a = load(x + i);
    store(to + i, load(to + i) + widenLow(a));
    store(to + i + kDoubleLanes, load(to + i + kDoubleLanes) + widenHigh(a));
  }
  for (; i < count; i++) to[i] += static_cast<double>(x[i]);
}

inline void addColumns(const double* x, int64_t count, double* to) {
  for (int64_t i = 0; i < count; i++) to[i] += x[i];
}

// Blocks of columns, each by one task from top to bottom.
template <typename T, typename Write>
inline void sumOfColumns(const T* x, const ReduceGeometry& g, const Write& write) {
  const int64_t block = minimumOf(g.width, kColumns);
  const int64_t blocks = ceilingDivide(g.width, block);
  const int64_t grain = maximumOf(1, 32768 / maximumOf(1, block * g.length));
  parallelRanges(g.groups * blocks, grain, [&](int64_t begin, int64_t end) {
    double* const sums = scratchOf<double>(Scratch::taskA, block);
    for (int64_t task = begin; task < end; task++) {
      const int64_t group = task / blocks, column = task % blocks * block;
      const int64_t count = minimumOf(block, g.width - column);
      for (int64_t i = 0; i < count; i++) sums[i] = 0;
      for (int64_t row = 0; row < g.length; row++) addColumns(x + (group * g.length + row) * g.width + column, count, sums);
      for (int64_t i = 0; i < count; i++) write(group * g.width + column + i, sums[i]);
    }
  });
}

// Narrow rows, many of them: sums by position of periodic.h.
template <typename Write>
inline void sumOfChannels(const float* x, const ReduceGeometry& g, const Write& write) {
  const Row row = rowOf(g.width);
  const int64_t elements = g.length * g.width;
  const int64_t length = chunkLength(row);
  const int64_t chunks = ceilingDivide(elements, length);
  double* const parts = scratchOf<double>(Scratch::sharedA, g.groups * chunks * g.width);
  const int64_t grain = maximumOf(1, 32768 / minimumOf(elements, length));
  parallelRanges(g.groups * chunks, grain, [&](int64_t first, int64_t last) {
    double* const sums = scratchOf<double>(Scratch::taskA, row.padded);
    for (int64_t task = first; task < last; task++) {
      const int64_t begin = task % chunks * length;
      const float* const from = x + task / chunks * elements;
      for (int64_t i = 0; i < row.padded; i++) sums[i] = 0;
      sumPositions(row, from, begin, minimumOf(begin + length, elements), sums);
      gatherChannels(row, sums, parts + task * g.width);
    }
  });
  for (int64_t group = 0; group < g.groups; group++) {
    for (int64_t c = 0; c < g.width; c++) {
      double total = 0;
      for (int64_t chunk = 0; chunk < chunks; chunk++) total += parts[(group * chunks + chunk) * g.width + c];
      write(group * g.width + c, total);
    }
  }
}

template <typename Write>
inline void sumFloats(const float* x, const ReduceGeometry& g, const Write& write) {
  if (g.width == 1) sumOfRows(x, g, write);
  else if (g.width < 512 && g.length * g.width >= 2048) sumOfChannels(x, g, write);
  else sumOfColumns(x, g, write);
}

template <typename Write>
inline void sumDoubles(const double* x, const ReduceGeometry& g, const Write& write) {
  if (g.width == 1) sumOfRows(x, g, write);
  else sumOfColumns(x, g, write);
}

void sum(const void* x, bool fromDouble, const ReduceGeometry& g, void* out, bool toDouble) {
  const auto with = [&](const auto& write) {
    if (fromDouble) sumDoubles(static_cast<const double*>(x), g, write);
    else sumFloats(static_cast<const float*>(x), g, write);
  };
  double* const doubles = static_cast<double*>(out);
  float* const floats = static_cast<float*>(out);
  if (toDouble) with([=](int64_t i, double value) { doubles[i] = value; });
  else with([=](int64_t i, double value) { floats[i] = static_cast<float>(value); });
}

// The larger or the smaller of two, NaN above all.
template <bool largest>
inline Floats extremumOf(Floats best, Floats value) {
  const Mask notBetter = largest ? lessEqual(value, best) : lessEqual(best, value);
  return select((!notBetter) & (!isNaN(best)), value, best);
}

template <bool largest>
inline float extremumOf(float best, float value) {
  const bool notBetter = largest ? value <= best : best <= value;
  return !notBetter && best == best ? value : best;
}

template <bool largest>
inline float extremumRun(const float* x, int64_t count) {
  const float start = largest ? -__builtin_inff() : __builtin_inff();
  Floats best[4];
  for (int k = 0; k < 4; k++) best[k] = broadcast(start);
  int64_t i = 0;
  for (; i + 4 * kLanes <= count; i += 4 * kLanes)
    for (int k = 0; k < 4; k++) best[k] = extremumOf<largest>(best[k], load(x + i + k * kLanes));
  float result = start;
  for (; i < count; i++) result = extremumOf<largest>(result, x[i]);
  for (int k = 0; k < 4; k++) {
    float lanes[kLanes];
    store(lanes, best[k]);
    for (int lane = 0; lane < kLanes; lane++) result = extremumOf<largest>(result, lanes[lane]);
  }
  return result;
}

// Extrema do not round: any order gives the same result, so that rows may be cut and columns taken as they come.
template <bool largest>
inline void extremumOver(const float* x, const ReduceGeometry& g, float* out) {
  if (g.width == 1) {
    parallelRanges(g.groups, maximumOf(1, 32768 / maximumOf(1, g.length)), [&](int64_t begin, int64_t end) {
      for (int64_t group = begin; group < end; group++) out[group] = extremumRun<largest>(x + group * g.length, g.length);
    });
    return;
  }
  const int64_t block = minimumOf(g.width, kColumns);
  const int64_t blocks = ceilingDivide(g.width, block);
  const int64_t grain = maximumOf(1, 32768 / maximumOf(1, block * g.length));
  parallelRanges(g.groups * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t group = task / blocks, column = task % blocks * block;
      const int64_t count = minimumOf(block, g.width - column);
      float* const to = out + group * g.width + column;
      const float* const from = x + group * g.length * g.width + column;
      for (int64_t i = 0; i < count; i++) to[i] = largest ? -__builtin_inff() : __builtin_inff();
      for (int64_t row = 0; row < g.length; row++) {
        const float* const values = from + row * g.width;
        int64_t i = 0;
        for (; i + kLanes <= count; i += kLanes) store(to + i, extremumOf<largest>(load(to + i), load(values + i)));
        for (; i < count; i++) to[i] = extremumOf<largest>(to[i], values[i]);
      }
    }
  });
}

void extremum(bool largest, const float* x, const ReduceGeometry& g, float* out) {
  if (largest) extremumOver<true>(x, g, out);
  else extremumOver<false>(x, g, out);
}

}  // namespace
}  // namespace phigrad
