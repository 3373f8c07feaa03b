// Non-overlapping max pooling (B, X, Y, Z, C) → (B, X', Y', Z', C): the largest of each window, NaN above all, the first in C
// order on a tie; the vjp finds the maxima again. A task is one output row (b, i, j); along it, windows of one voxel in z read
// contiguous stretches of Z'·C floats, others C at a time. `offsets` are the window's voxels from its first, in C order.
#pragma once
#include "../parallel.h"
#include "../simd.h"

namespace phigrad {
namespace {

struct PoolRows {
  int64_t sizeX, sizeY, sizeZ, rows, grain;
  // Stretches along a row: how many, how long, how far apart in x.
  int64_t stretches, length, step;
  int64_t windowSize;
  const int64_t* offsets;
};

inline PoolRows poolRows(const PoolGeometry& g) {
  PoolRows r;
  r.sizeX = g.input.x / g.window.x;
  r.sizeY = g.input.y / g.window.y;
  r.sizeZ = g.input.z / g.window.z;
  r.rows = g.batch * r.sizeX * r.sizeY;
  r.windowSize = g.window.x * g.window.y * g.window.z;
  const bool flat = g.window.z == 1;
  r.stretches = flat ? 1 : r.sizeZ;
  r.length = flat ? r.sizeZ * g.channels : g.channels;
  r.step = g.window.z * g.channels;
  r.grain = maximumOf(1, 32768 / maximumOf(1, r.sizeZ * g.channels * r.windowSize));
  int64_t* const offsets = scratchOf<int64_t>(Scratch::sharedA, r.windowSize);
  int64_t t = 0;
  for (int64_t i = 0; i < g.window.x; i++)
    for (int64_t j = 0; j < g.window.y; j++)
      for (int64_t k = 0; k < g.window.z; k++) offsets[t++] = ((i * g.input.y + j) * g.input.z + k) * g.channels;
  r.offsets = offsets;
  return r;
}

// Index in x of the first window's first voxel of output row `row`.
inline int64_t firstVoxel(const PoolGeometry& g, const PoolRows& r, int64_t row) {
  const int64_t j = row % r.sizeY, i = row / r.sizeY % r.sizeX, b = row / r.sizeY / r.sizeX;
  return ((b * g.input.x + i * g.window.x) * g.input.y + j * g.window.y) * g.input.z * g.channels;
}

// Whether a later value takes the maximum over.
inline Mask takesOver(Floats value, Floats best) { return (!lessEqual(value, best)) & (!isNaN(best)); }

// f(input, output, lanes) for every vector of every stretch, as offsets into x and into the output.
template <typename Function>
inline void forEachPooled(const PoolGeometry& g, const PoolRows& r, const Function& f) {
  parallelRanges(r.rows, r.grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t first = firstVoxel(g, r, row);
      for (int64_t s = 0; s < r.stretches; s++) {
        const int64_t from = first + s * r.step;
        const int64_t to = (row * r.stretches + s) * r.length;
        for (int64_t i = 0; i < r.length; i += kLanes) f(from + i, to + i, minimumOf(kLanes, r.length - i));
      }
    }
  });
}

inline Floats loadUpTo(const float* p, int64_t lanes) { return lanes == kLanes ? load(p) : loadFirst(p, lanes); }
inline void storeUpTo(float* p, Floats a, int64_t lanes) {
  if (lanes == kLanes) store(p, a);
  else storeFirst(p, a, lanes);
}

void maxPool3d(const float* x, const PoolGeometry& g, float* out) {
  const PoolRows r = poolRows(g);
  forEachPooled(g, r, [&](int64_t from, int64_t to, int64_t lanes) {
    Floats best = loadUpTo(x + from, lanes);
    for (int64_t t = 1; t < r.windowSize; t++) {
      const Floats value = loadUpTo(x + from + r.offsets[t], lanes);
      best = select(takesOver(value, best), value, best);
    }
    storeUpTo(out + to, best, lanes);
  });
}

// Which voxel of the window has the maximum, as a float: windows of more than 2²⁴ voxels do not occur, x would be larger
// than any buffer that pooling is asked for; entries refuse them.
inline Floats chosenVoxel(const float* x, const PoolRows& r, int64_t lanes) {
  Floats best = loadUpTo(x, lanes);
  Floats chosen = broadcast(0.0f);
  for (int64_t t = 1; t < r.windowSize; t++) {
    const Floats value = loadUpTo(x + r.offsets[t], lanes);
    const Mask taken = takesOver(value, best);
    best = select(taken, value, best);
    chosen = select(taken, broadcast(static_cast<float>(t)), chosen);
  }
  return chosen;
}

void maxPool3dIndices(const float* x, const PoolGeometry& g, int32_t* out) {
  const PoolRows r = poolRows(g);
  forEachPooled(g, r, [&](int64_t from, int64_t to, int64_t lanes) {
    float chosen[kLanes];
    store(chosen, chosenVoxel(x + from, r, lanes));
    for (int64_t lane = 0; lane < lanes; lane++) {
      out[to + lane] = static_cast<int32_t>(from + lane + r.offsets[static_cast<int64_t>(chosen[lane])]);
    }
  });
}

void maxPool3dGradient(const float* x, const float* outputGradient, const PoolGeometry& g, float* out) {
  const PoolRows r = poolRows(g);
  const bool leftOver = r.sizeX * g.window.x < g.input.x || r.sizeY * g.window.y < g.input.y ||
                        r.sizeZ * g.window.z < g.input.z;
  if (leftOver) {
    const int64_t count = g.batch * g.input.x * g.input.y * g.input.z * g.channels;
    parallelRanges(count, 65536, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i += kLanes) storeUpTo(out + i, broadcast(0.0f), minimumOf(kLanes, end - i));
    });
  }
  const Floats zero = broadcast(0.0f);
  forEachPooled(g, r, [&](int64_t from, int64_t to, int64_t lanes) {
    const Floats chosen = chosenVoxel(x + from, r, lanes);
    const Floats gradient = loadUpTo(outputGradient + to, lanes);
    for (int64_t t = 0; t < r.windowSize; t++) {
      const Mask here = equal(chosen, broadcast(static_cast<float>(t)));
      storeUpTo(out + from + r.offsets[t], select(here, gradient, zero), lanes);
    }
  });
}

}  // namespace
}  // namespace phigrad
