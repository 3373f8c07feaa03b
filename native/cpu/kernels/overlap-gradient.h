// From the partial derivatives of a loss in its overlap sums to those in the prediction and the target, one read and one write:
//
//   d/dp = f·(dI·y + dP + 2·dPP·p)      d/dy = f·(dI·p + dY + 2·dYY·y)      0 where an element is in no subset
//
// and for logits z: d/dz = d/dp·σ'(z), or p·(d/dp − Σ p·d/dp) over the channels of the voxel. Where neighbouring rows share
// their subsets the coefficients stand in tables by position (periodic.h); else they are looked up element by element.
#pragma once
#include "overlap-tiles.h"

namespace phigrad {
namespace {

// For one of the two tensors, per subset: the coefficients of the other's value, of 1 and of its own value (null for 0).
struct OverlapSide {
  const double *other, *constant, *own;
};

inline OverlapSide sideOf(const Overlap& o, const double* partials, bool ofPrediction) {
  const int64_t k = ofPrediction ? 2 : 1;
  return {partials, partials + k * o.subsets, o.squares ? partials + (k + 2) * o.subsets : nullptr};
}

struct SideTables {
  const double *other, *constant, *own;
};

// The coefficients of a segment that starts at `firstRow`, by position in a row: 3 · padded numbers.
inline SideTables sideTables(const Overlap& o, const OverlapSide& side, const Row& row, int64_t firstRow, double* memory) {
  const int64_t base = subsetOfRow(o, firstRow);
  const uint8_t* const annotated = o.annotated == nullptr ? nullptr : o.annotated + firstRow / o.voxels * o.channels;
  const auto coefficient = [&](const double* of, double times) {
    return [=, &o](int64_t c) {
      if (of == nullptr || c < o.firstChannel || (annotated != nullptr && annotated[c] == 0)) return 0.0;
      const int64_t at = base + (c - o.firstChannel) * o.channelStride;
      return times * o.factor(at, c) * of[at];
    };
  };
  fillTable(row, memory, coefficient(side.other, 1));
  fillTable(row, memory + row.padded, coefficient(side.constant, 1));
  fillTable(row, memory + 2 * row.padded, coefficient(side.own, 2));
  return {memory, memory + row.padded, memory + 2 * row.padded};
}

// to[i] = other·(other's value) + constant + own·(own value), times factor[i] unless that is null. In float64 for float32 too:
// where prediction and target nearly agree the terms of the squared form cancel to less than float32's rounding of them.
template <bool squares, typename T>
inline void placeTile(const SideTables& tables, const Row& row, const T* own, const T* other, const T* factor,
                      int64_t count, T* to) {
  const auto derivative = [&](int64_t at, const DoublePair& otherValue) {
    return fma(loadPair(tables.other + at), otherValue, loadPair(tables.constant + at));
  };
  forEachVector(
      row, 0, count,
      [&](int64_t i, int64_t at) {
        DoublePair value = derivative(at, loadPair(other + i));
        if constexpr (squares) value = fma(loadPair(tables.own + at), loadPair(own + i), value);
        storePair(to + i, factor == nullptr ? value : value * loadPair(factor + i));
      },
      [&](int64_t i, int64_t at, int64_t lanes) {
        DoublePair value = derivative(at, loadPairFirst(other + i, lanes));
        if constexpr (squares) value = fma(loadPair(tables.own + at), loadPairFirst(own + i, lanes), value);
        storePairFirst(to + i, factor == nullptr ? value : value * loadPairFirst(factor + i, lanes), lanes);
      });
}

// The same, looking up the subset of each element; `start` is the first row.
template <typename T>
inline void placeElements(const Overlap& o, const OverlapSide& side, const T* own, const T* other, int64_t start,
                          int64_t rows, T* to) {
  for (int64_t r = 0; r < rows; r++) {
    const int64_t rowSubset = o.labels == nullptr ? subsetOfRow(o, start + r) : 0;
    for (int64_t c = 0; c < o.channels; c++) {
      const int64_t i = r * o.channels + c;
      const int64_t at = subsetOfElement(o, start + r, c, rowSubset);
      if (at < 0) {
        to[i] = 0;
        continue;
      }
      const double square = side.own == nullptr ? 0 : 2 * side.own[at] * static_cast<double>(own[i]);
      const double inner = side.other[at] * static_cast<double>(other[i]) + side.constant[at] + square;
      to[i] = static_cast<T>(o.factor(at, c) * inner);
    }
  }
}

// Zeros where the mask leaves an element out.
template <typename T>
inline void maskGradient(const Overlap& o, int64_t start, int64_t rows, T* gradient) {
  const uint8_t* const mask = o.mask + start * o.maskChannels;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < o.channels; c++)
      if (mask[r * o.maskChannels + (o.maskChannels == 1 ? 0 : c)] == 0) gradient[r * o.channels + c] = 0;
}

// p·(g − Σ p·g) row by row; a constant number of channels, where it is not 0, unrolls the loops.
template <int64_t constant, typename T>
inline void softmaxGradientRows(const T* p, const T* g, int64_t count, int64_t anyChannels, T* to) {
  const int64_t channels = constant > 0 ? constant : anyChannels;
  for (int64_t start = 0; start < count; start += channels) {
    T mean = 0;
    for (int64_t c = start; c < start + channels; c++) mean += p[c] * g[c];
    for (int64_t c = start; c < start + channels; c++) to[c] = p[c] * (g[c] - mean);
  }
}

template <typename T>
inline void softmaxGradient(const T* p, const T* g, int64_t count, int64_t channels, T* to) {
  if (channels == 2) softmaxGradientRows<2>(p, g, count, channels, to);
  else if (channels == 3) softmaxGradientRows<3>(p, g, count, channels, to);
  else if (channels == 4) softmaxGradientRows<4>(p, g, count, channels, to);
  else softmaxGradientRows<0>(p, g, count, channels, to);
}

// One tile of one output. `place(own, other, factor, to)` writes d/dp or d/dy of the tile; ours is the prediction's or not.
template <typename T, typename Place>
inline void writeTile(const Overlap& o, const Tile<T>& tile, bool ofPrediction, int64_t start, int64_t rows, T* spare,
                      T* out, const Place& place) {
  const int64_t count = rows * o.channels;
  T* const to = out + start * o.channels;
  const bool softmax = ofPrediction && o.activation == Activation::softmax;
  const bool sigmoid = ofPrediction && o.activation == Activation::sigmoid;
  const T* const own = ofPrediction ? tile.p : tile.y;
  const T* const other = ofPrediction ? tile.y : tile.p;
  T* const gradient = softmax ? spare : to;
  place(own, other, sigmoid ? tile.slope : nullptr, gradient);
  if (o.mask != nullptr) maskGradient(o, start, rows, gradient);
  if (softmax) softmaxGradient(tile.p, gradient, count, o.channels, to);
}

template <typename T>
inline void gradientOfSegments(const Overlap& o, const Segments& segments, const double* partials, T* const* outs) {
  const Row row = rowOf(o.channels);
  const int64_t elements = segments.rows * o.channels;
  const int64_t length = chunkLength(row);
  const int64_t chunks = ceilingDivide(elements, length);
  const int64_t grain = maximumOf(1, 32768 / minimumOf(elements, length));
  parallelRanges(segments.count * chunks, grain, [&](int64_t firstTask, int64_t lastTask) {
    double* const memory = scratchOf<double>(Scratch::taskA, 6 * row.padded);
    const int64_t tileElements = tileLength(row);
    TileReader<T> reader(o, tileElements);
    for (int64_t task = firstTask; task < lastTask; task++) {
      const int64_t first = task / chunks * elements;
      const int64_t end = first + minimumOf((task % chunks + 1) * length, elements);
      SideTables tables[2];
      for (int side = 0; side < 2; side++) {
        const OverlapSide of = sideOf(o, partials, side == 0);
        tables[side] = sideTables(o, of, row, first / o.channels, memory + side * 3 * row.padded);
      }
      for (int64_t start = first + task % chunks * length; start < end; start += tileElements) {
        const int64_t count = minimumOf(tileElements, end - start);
        const Tile<T> tile = reader.read(start, count, true, false);
        for (int side = 0; side < 2; side++) {
          if (outs[side] == nullptr) continue;
          const auto place = [&](const T* own, const T* other, const T* factor, T* to) {
            if (o.squares) placeTile<true>(tables[side], row, own, other, factor, count, to);
            else placeTile<false>(tables[side], row, own, other, factor, count, to);
          };
          writeTile(o, tile, side == 0, start / o.channels, count / o.channels, reader.spare(), outs[side], place);
        }
      }
    }
  });
}

template <typename T>
inline void gradientPerElement(const Overlap& o, const double* partials, T* const* outs) {
  const int64_t rowsOfTile = maximumOf(1, 2048 / o.channels);
  parallelRanges(o.batch * o.voxels, rowsOfTile, [&](int64_t begin, int64_t end) {
    TileReader<T> reader(o, rowsOfTile * o.channels);
    const int64_t rows = end - begin;
    const Tile<T> tile = reader.read(begin * o.channels, rows * o.channels, true, false);
    for (int side = 0; side < 2; side++) {
      if (outs[side] == nullptr) continue;
      const auto place = [&](const T* own, const T* other, const T* factor, T* to) {
        placeElements(o, sideOf(o, partials, side == 0), own, other, begin, rows, to);
        for (int64_t i = 0; factor != nullptr && i < rows * o.channels; i++) to[i] *= factor[i];
      };
      writeTile(o, tile, side == 0, begin, rows, reader.spare(), outs[side], place);
    }
  });
}

template <typename T>
inline void gradientOf(const Overlap& o, const double* partials, void* predictionOut, void* targetOut) {
  T* const outs[2] = {static_cast<T*>(predictionOut), static_cast<T*>(targetOut)};
  const Segments segments = segmentsOf(o);
  if (segments.perElement) gradientPerElement<T>(o, partials, outs);
  else gradientOfSegments<T>(o, segments, partials, outs);
}

void overlapGradient(const Overlap& o, const double* partials, void* predictionOut, void* targetOut) {
  if (o.isDouble) gradientOf<double>(o, partials, predictionOut, targetOut);
  else gradientOf<float>(o, partials, predictionOut, targetOut);
}

}  // namespace
}  // namespace phigrad
