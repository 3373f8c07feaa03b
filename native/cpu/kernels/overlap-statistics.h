// The sums of the overlap losses, float64: per subset φ I = Σ y·p, Y = Σ y, P = Σ p (and Σ y², Σ p²), each element times its
// channel's factor, and the number of elements that count. A task is a chunk of rows, of a size that depends on the data's
// sizes only; chunks are added up in order.
//
// Two ways: where neighbouring rows share their subsets (every named Φ), sums by position in a row of periodic.h, in registers;
// else element by element into one accumulator per subset and chunk.
#pragma once
#include "overlap-tiles.h"

namespace phigrad {
namespace {

// Adds `group` vectors of `rows` rows, from position `at` on, to the sums by position (sums[k], `padded` long).
template <bool squares, int group, typename T>
inline void addOverlapRows(const Row& row, const T* p, const T* y, int64_t rows, int64_t at, double* const* sums) {
  constexpr int kSums = squares ? 5 : 3;
  DoublePair totals[group][kSums];
  for (int v = 0; v < group; v++)
    for (int k = 0; k < kSums; k++) totals[v][k] = loadPair(sums[k] + at + v * kLanes);
  const auto add = [](DoublePair& to, const DoublePair& a) {
    to.low = to.low + a.low;
    to.high = to.high + a.high;
  };
  const auto addProduct = [](DoublePair& to, const DoublePair& a, const DoublePair& b) {
    to.low = fma(a.low, b.low, to.low);
    to.high = fma(a.high, b.high, to.high);
  };
  for (int64_t r = 0; r < rows; r++) {
    for (int v = 0; v < group; v++) {
      const DoublePair pv = loadPair(p + r * row.length + at + v * kLanes);
      const DoublePair yv = loadPair(y + r * row.length + at + v * kLanes);
      addProduct(totals[v][0], yv, pv);
      add(totals[v][1], yv);
      add(totals[v][2], pv);
      if constexpr (squares) {
        addProduct(totals[v][3], yv, yv);
        addProduct(totals[v][4], pv, pv);
      }
    }
  }
  for (int v = 0; v < group; v++) {
    for (int k = 0; k < kSums; k++) {
      store(sums[k] + at + v * kLanes, totals[v][k].low);
      store(sums[k] + at + v * kLanes + kDoubleLanes, totals[v][k].high);
    }
  }
}

// Adds a tile of `count` elements, whose p and y are 0 beyond it, to the sums by position. Rows longer than kLongestRow that are
// no whole number of vectors are added element by element.
template <bool squares, typename T>
inline void addOverlapTile(const Row& row, const Tile<T>& tile, int64_t count, double* const* sums) {
  if (row.length % kLanes != 0) {
    for (int64_t i = 0; i < count; i++) {
      const double p = static_cast<double>(tile.p[i]), y = static_cast<double>(tile.y[i]);
      const int64_t at = i % row.length;
      sums[0][at] += y * p;
      sums[1][at] += y;
      sums[2][at] += p;
      if (squares) sums[3][at] += y * y, sums[4][at] += p * p;
    }
    return;
  }
  constexpr int group = squares || kLanes < 16 ? 1 : 3;
  const int64_t rows = count / row.length;
  int64_t at = 0;
  for (; at + group * kLanes <= row.length; at += group * kLanes)
    addOverlapRows<squares, group>(row, tile.p, tile.y, rows, at, sums);
  for (; at < row.length; at += kLanes) addOverlapRows<squares, 1>(row, tile.p, tile.y, rows, at, sums);
  const int64_t rest = rows * row.length;
  for (at = 0; rest + at < count; at += kLanes)
    addOverlapRows<squares, 1>(row, tile.p + rest, tile.y + rest, 1, at, sums);
}

// How many elements of each channel the mask lets through, in [start, start + count).
inline void countMasked(const Overlap& o, int64_t start, int64_t count, double* byChannel) {
  const int64_t rows = count / o.channels;
  const uint8_t* const mask = o.mask + start / o.channels * o.maskChannels;
  for (int64_t c = 0; c < o.maskChannels; c++) {
    int64_t counted = 0;
    for (int64_t r = 0; r < rows; r++) counted += mask[r * o.maskChannels + c] != 0 ? 1 : 0;
    if (o.maskChannels > 1) byChannel[c] += static_cast<double>(counted);
    else
      for (int64_t k = 0; k < o.channels; k++) byChannel[k] += static_cast<double>(counted);
  }
}

// The sums of one chunk of a segment: (sums + 1, C), the last row being the count of elements.
template <typename T>
inline void sumChunk(const Overlap& o, const Row& row, int64_t begin, int64_t end, double* part) {
  const int64_t kinds = o.sums();
  double* const memory = scratchOf<double>(Scratch::taskA, 5 * row.padded);
  double* sums[5];
  for (int k = 0; k < 5; k++) sums[k] = memory + k * row.padded;
  for (int64_t i = 0; i < 5 * row.padded; i++) memory[i] = 0;
  double* const counts = part + kinds * o.channels;
  for (int64_t c = 0; c < o.channels; c++) counts[c] = 0;
  const int64_t length = tileLength(row);
  TileReader<T> reader(o, length);
  for (int64_t start = begin; start < end; start += length) {
    const int64_t count = minimumOf(length, end - start);
    const Tile<T> tile = reader.read(start, count, false, true);
    if (o.squares) addOverlapTile<true>(row, tile, count, sums);
    else addOverlapTile<false>(row, tile, count, sums);
    if (o.mask != nullptr) countMasked(o, start, count, counts);
    else
      for (int64_t c = 0; c < o.channels; c++) counts[c] += static_cast<double>(count / o.channels);
  }
  for (int64_t k = 0; k < kinds; k++) gatherChannels(row, sums[k], part + k * o.channels);
}

template <typename T>
inline void sumSegments(const Overlap& o, const Segments& segments, double* sums, double* counts) {
  const Row row = rowOf(o.channels);
  const int64_t elements = segments.rows * o.channels;
  const int64_t length = chunkLength(row);
  const int64_t chunks = ceilingDivide(elements, length);
  const int64_t width = (o.sums() + 1) * o.channels;
  double* const parts = scratchOf<double>(Scratch::sharedA, segments.count * chunks * width);
  const int64_t grain = maximumOf(1, 32768 / minimumOf(elements, length));
  parallelRanges(segments.count * chunks, grain, [&](int64_t first, int64_t last) {
    for (int64_t task = first; task < last; task++) {
      const int64_t start = task / chunks * elements;
      const int64_t begin = task % chunks * length;
      sumChunk<T>(o, row, start + begin, start + minimumOf(begin + length, elements), parts + task * width);
    }
  });
  for (int64_t task = 0; task < segments.count * chunks; task++) {
    const int64_t firstRow = task / chunks * segments.rows;
    const int64_t base = subsetOfRow(o, firstRow);
    const uint8_t* const annotated = o.annotated == nullptr ? nullptr : o.annotated + firstRow / o.voxels * o.channels;
    for (int64_t c = o.firstChannel; c < o.channels; c++) {
      if (annotated != nullptr && annotated[c] == 0) continue;
      const int64_t at = base + (c - o.firstChannel) * o.channelStride;
      const double* const part = parts + task * width + c;
      for (int64_t k = 0; k < o.sums(); k++) sums[k * o.subsets + at] += o.factor(at, c) * part[k * o.channels];
      counts[at] += part[o.sums() * o.channels];
    }
  }
}

// Element by element, rows [begin, end) into (sums + 1, subsets) accumulators.
template <typename T>
inline void sumElements(const Overlap& o, int64_t begin, int64_t end, double* part) {
  const int64_t rowsOfTile = maximumOf(1, 2048 / o.channels);
  TileReader<T> reader(o, rowsOfTile * o.channels);
  for (int64_t start = begin; start < end; start += rowsOfTile) {
    const int64_t rows = minimumOf(rowsOfTile, end - start);
    const Tile<T> tile = reader.read(start * o.channels, rows * o.channels, false, false);
    for (int64_t r = 0; r < rows; r++) {
      const int64_t rowSubset = o.labels == nullptr ? subsetOfRow(o, start + r) : 0;
      for (int64_t c = o.firstChannel; c < o.channels; c++) {
        const int64_t at = subsetOfElement(o, start + r, c, rowSubset);
        if (at < 0) continue;
        const double p = static_cast<double>(tile.p[r * o.channels + c]);
        const double y = static_cast<double>(tile.y[r * o.channels + c]);
        const double factor = o.factor(at, c);
        double* const to = part + at;
        to[0] += factor * (y * p);
        to[o.subsets] += factor * y;
        to[2 * o.subsets] += factor * p;
        if (o.squares) {
          to[3 * o.subsets] += factor * (y * y);
          to[4 * o.subsets] += factor * (p * p);
        }
        to[o.sums() * o.subsets] += 1;
      }
    }
  }
}

template <typename T>
inline void sumPerElement(const Overlap& o, double* sums, double* counts) {
  const int64_t rows = o.batch * o.voxels;
  const int64_t width = (o.sums() + 1) * o.subsets;
  // Every chunk has accumulators of its own; all of them together stay below 16 MiB, or there is one chunk.
  const int64_t most = maximumOf(1, minimumOf(256, (int64_t{1} << 21) / width));
  const int64_t chunk = maximumOf(ceilingDivide(rows, most), maximumOf(1, 16384 / o.channels));
  const int64_t chunks = ceilingDivide(rows, chunk);
  double* const parts = scratchOf<double>(Scratch::sharedA, chunks * width);
  parallel(chunks, [&](int64_t task) {
    double* const part = parts + task * width;
    for (int64_t i = 0; i < width; i++) part[i] = 0;
    sumElements<T>(o, task * chunk, minimumOf((task + 1) * chunk, rows), part);
  });
  const int64_t kinds = o.sums() * o.subsets;
  for (int64_t task = 0; task < chunks; task++) {
    for (int64_t i = 0; i < kinds; i++) sums[i] += parts[task * width + i];
    for (int64_t i = 0; i < o.subsets; i++) counts[i] += parts[task * width + kinds + i];
  }
}

void overlapStatistics(const Overlap& o, double* sums, double* counts) {
  for (int64_t i = 0; i < o.sums() * o.subsets; i++) sums[i] = 0;
  for (int64_t i = 0; i < o.subsets; i++) counts[i] = 0;
  const Segments segments = segmentsOf(o);
  if (segments.perElement && o.isDouble) sumPerElement<double>(o, sums, counts);
  else if (segments.perElement) sumPerElement<float>(o, sums, counts);
  else if (o.isDouble) sumSegments<double>(o, segments, sums, counts);
  else sumSegments<float>(o, segments, sums, counts);
}

}  // namespace
}  // namespace phigrad
