// Arithmetic that differs from channel to channel on arrays whose last axis is the channels, whatever their number.
//
// A row of `length` elements, the least common multiple of channels and lanes (repeated until it has a few vectors), starts
// anew at channel 0 and is a whole number of vectors. Per-channel numbers are written out into tables of one row; loops then
// run over full vectors without regard to channels. Beyond kLongestRow the row is the channels themselves and its last
// vector is partial.
#pragma once
#include "parallel.h"
#include "simd.h"

namespace phigrad {
namespace {

constexpr int64_t kLongestRow = 8192;
// Vectors whose sums stay in registers together.
constexpr int kGroup = kLanes == 16 ? 4 : 2;

struct Row {
  int64_t channels;
  int64_t length;
  // Length of a table: `length` up to whole vectors.
  int64_t padded;
};

inline Row rowOf(int64_t channels) {
  int64_t a = channels, b = kLanes;
  while (b != 0) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  int64_t length = channels / a * kLanes;
  if (length > kLongestRow) return {channels, channels, ceilingDivide(channels, kLanes) * kLanes};
  while (length < 4 * kLanes) length *= 2;
  return {channels, length, length};
}

// Elements of one chunk: enough work for a thread to take, and never so many that a small volume stays on one thread.
constexpr int64_t kChunkElements = 65536;

inline int64_t chunkLength(const Row& row) { return maximumOf(1, kChunkElements / row.length) * row.length; }

// table[i] = values(channel of element i), for one row.
template <typename T, typename Values>
inline void fillTable(const Row& row, T* table, const Values& values) {
  for (int64_t c = 0; c < row.channels; c++) table[c] = static_cast<T>(values(c));
  for (int64_t i = row.channels; i < row.padded; i++) table[i] = i < row.length ? table[i - row.channels] : T{0};
}

// full(offset, at) for every vector in [begin, end), which starts at a row: `offset` into the array, `at`
// into the tables; partial(offset, at, lanes) for the first lanes of one, where a row or the data ends.
template <typename Full, typename Partial>
inline void forEachVector(const Row& row, int64_t begin, int64_t end, const Full& full, const Partial& partial) {
  for (int64_t start = begin; start < end; start += row.length) {
    const int64_t length = minimumOf(row.length, end - start);
    int64_t at = 0;
    for (; at + kLanes <= length; at += kLanes) full(start + at, at);
    if (at < length) partial(start + at, at, length - at);
  }
}

// The first lanes of a vector, and 0 in the others.
inline Floats keepFirst(Floats a, int64_t lanes) {
  float values[kLanes];
  store(values, a);
  return loadFirst(values, lanes);
}

inline Doubles keepFirst(Doubles a, int64_t lanes) {
  double values[kDoubleLanes];
  store(values, a);
  return loadFirst(values, lanes);
}

// Two sums per element of a row, held while they are added to: low and high half of the first, of the second.
inline void loadSums(const double* first, const double* second, Doubles* sums) {
  sums[0] = load(first);
  sums[1] = load(first + kDoubleLanes);
  sums[2] = load(second);
  sums[3] = load(second + kDoubleLanes);
}

inline void storeSums(const Doubles* sums, double* first, double* second) {
  store(first, sums[0]);
  store(first + kDoubleLanes, sums[1]);
  store(second, sums[2]);
  store(second + kDoubleLanes, sums[3]);
}

// `group` neighbouring vectors of `rows` rows, with their sums in registers.
template <int group, typename Terms>
inline void sumRows(const Row& row, int64_t begin, int64_t rows, int64_t at, const Terms& terms, double* first,
                    double* second) {
  Doubles sums[group][4];
  for (int v = 0; v < group; v++) loadSums(first + at + v * kLanes, second + at + v * kLanes, sums[v]);
  for (int64_t r = 0; r < rows; r++) {
    for (int v = 0; v < group; v++) {
      const int64_t to = at + v * kLanes;
      terms(begin + r * row.length + to, to, int64_t{kLanes}, sums[v]);
    }
  }
  for (int v = 0; v < group; v++) storeSums(sums[v], first + at + v * kLanes, second + at + v * kLanes);
}

// One vector, or the first lanes of one, with its sums in memory.
template <typename Terms>
inline void sumVector(int64_t offset, int64_t at, int64_t lanes, const Terms& terms, double* first, double* second) {
  Doubles sums[4];
  loadSums(first + at, second + at, sums);
  terms(offset, at, lanes, sums);
  storeSums(sums, first + at, second + at);
}

// Σ over [begin, end), which starts at a row, of two terms per element, by position in the row (padded arrays): terms(offset,
// at, lanes, sums) adds those of one vector to its four sums; absent lanes, where data or a row ends, must add 0.
template <typename Terms>
inline void sumByPosition(const Row& row, int64_t begin, int64_t end, const Terms& terms, double* first, double* second) {
  for (int64_t i = 0; i < row.padded; i++) first[i] = second[i] = 0;
  // A block of rows stays in the first-level cache while its groups of vectors take turns.
  const int64_t blockRows = maximumOf(1, 4096 / row.length);
  const int64_t fullRows = (end - begin) / row.length;
  const int64_t vectors = row.length / kLanes;
  const int64_t tail = row.length - vectors * kLanes;
  int64_t start = begin;
  for (int64_t done = 0; done < fullRows; done += blockRows) {
    const int64_t rows = minimumOf(blockRows, fullRows - done);
    int64_t v = 0;
    for (; v + kGroup <= vectors; v += kGroup) sumRows<kGroup>(row, start, rows, v * kLanes, terms, first, second);
    for (; v < vectors; v++) sumRows<1>(row, start, rows, v * kLanes, terms, first, second);
    for (int64_t r = 0; r < rows && tail > 0; r++) {
      sumVector(start + r * row.length + v * kLanes, v * kLanes, tail, terms, first, second);
    }
    start += rows * row.length;
  }
  for (int64_t at = 0; start + at < end; at += kLanes) {
    sumVector(start + at, at, minimumOf(kLanes, end - start - at), terms, first, second);
  }
}

// The same with a single sum per element, its value.
template <int group>
inline void sumValues(const Row& row, const float* x, int64_t rows, int64_t at, double* sums) {
  Doubles totals[group][2];
  for (int v = 0; v < group; v++) {
    totals[v][0] = load(sums + at + v * kLanes);
    totals[v][1] = load(sums + at + v * kLanes + kDoubleLanes);
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int v = 0; v < group; v++) {
      const Floats value = load(x + r * row.length + at + v * kLanes);
      totals[v][0] = totals[v][0] + widenLow(value);
      totals[v][1] = totals[v][1] + widenHigh(value);
    }
  }
  for (int v = 0; v < group; v++) {
    store(sums + at + v * kLanes, totals[v][0]);
    store(sums + at + v * kLanes + kDoubleLanes, totals[v][1]);
  }
}

// Adds x[begin, end), which starts at a row of whole vectors, to the sums by position.
inline void sumPositions(const Row& row, const float* x, int64_t begin, int64_t end, double* sums) {
  constexpr int group = 2 * kGroup;
  const int64_t blockRows = maximumOf(1, 4096 / row.length);
  const int64_t fullRows = (end - begin) / row.length;
  const float* from = x + begin;
  for (int64_t done = 0; done < fullRows; done += blockRows) {
    const int64_t rows = minimumOf(blockRows, fullRows - done);
    int64_t at = 0;
    for (; at + group * kLanes <= row.length; at += group * kLanes) sumValues<group>(row, from, rows, at, sums);
    for (; at < row.length; at += kLanes) sumValues<1>(row, from, rows, at, sums);
    from += rows * row.length;
  }
  const int64_t left = (end - begin) % row.length;
  for (int64_t i = 0; i < left; i++) sums[i] += static_cast<double>(from[i]);
}

// The sums by position, added up per channel, position by position.
inline void gatherChannels(const Row& row, const double* byPosition, double* byChannel) {
  for (int64_t c = 0; c < row.channels; c++) {
    double sum = 0;
    for (int64_t i = c; i < row.length; i += row.channels) sum += byPosition[i];
    byChannel[c] = sum;
  }
}

}  // namespace
}  // namespace phigrad
