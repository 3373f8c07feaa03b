// How the overlap kernels read: tiles of a few thousand elements that stay in the first-level cache. What a tile needs of
// conversion, activation or masking is done into buffers of a tile; where nothing is needed the data is used in place.
// So any combination costs one read of the data and no temporary of the volume's size.
#pragma once
#include "../functions.h"
#include "../overlap.h"
#include "../periodic.h"

namespace phigrad {
namespace {

// kLanes elements of float or double as two vectors of doubles.
struct DoublePair {
  Doubles low, high;
};

inline DoublePair loadPair(const float* p) {
  const Floats a = load(p);
  return {widenLow(a), widenHigh(a)};
}
inline DoublePair loadPair(const double* p) { return {load(p), load(p + kDoubleLanes)}; }

inline void storePair(float* p, const DoublePair& a) { store(p, narrow(a.low, a.high)); }
inline void storePair(double* p, const DoublePair& a) {
  store(p, a.low);
  store(p + kDoubleLanes, a.high);
}

// The first `lanes` < kLanes of them; an absent one is 0.
template <typename T>
inline DoublePair loadPairFirst(const T* p, int64_t lanes) {
  T values[kLanes] = {};
  for (int64_t i = 0; i < lanes; i++) values[i] = p[i];
  return loadPair(values);
}

template <typename T>
inline void storePairFirst(T* p, const DoublePair& a, int64_t lanes) {
  T values[kLanes];
  storePair(values, a);
  for (int64_t i = 0; i < lanes; i++) p[i] = values[i];
}

inline DoublePair fma(const DoublePair& a, const DoublePair& b, const DoublePair& c) {
  return {fma(a.low, b.low, c.low), fma(a.high, b.high, c.high)};
}
inline DoublePair operator*(const DoublePair& a, const DoublePair& b) { return {a.low * b.low, a.high * b.high}; }

// Elements of a tile's buffers beyond its length, which full vectors may read or write.
constexpr int64_t kTileSlack = 64;

inline int64_t tileLength(const Row& row) { return maximumOf(1, 4096 / row.length) * row.length; }

// σ(z) and, where slope is not null, σ'(z) = e/(1+e)² with e = exp(−|z|): neither overflows, and σ' keeps its digits near 1.
inline void sigmoidTile(const float* z, int64_t count, float* out, float* slope) {
  const Floats zero = broadcast(0.0f), one = broadcast(1.0f);
  for (int64_t i = 0; i < count; i += kLanes) {
    const Floats value = count - i >= kLanes ? load(z + i) : loadFirst(z + i, count - i);
    const Floats e = exponential(zero - absolute(value));
    const Floats inverse = one / (one + e);
    const Floats small = e * inverse;
    store(out + i, select(less(value, zero), small, inverse));
    if (slope != nullptr) store(slope + i, small * inverse);
  }
}

inline void sigmoidTile(const double* z, int64_t count, double* out, double* slope) {
  for (int64_t i = 0; i < count; i++) {
    const double e = __builtin_exp(-__builtin_fabs(z[i]));
    const double inverse = 1 / (1 + e);
    out[i] = z[i] < 0 ? e * inverse : inverse;
    if (slope != nullptr) slope[i] = e * inverse * inverse;
  }
}

inline void exponentialTile(float* values, int64_t count) {
  for (int64_t i = 0; i < count; i += kLanes) store(values + i, exponential(load(values + i)));
}

inline void exponentialTile(double* values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = __builtin_exp(values[i]);
}

// e^(z − max z) / Σ over the channels of each row. A constant number of channels, where it is not 0, unrolls the loops.
template <int64_t constant, typename T>
inline void softmaxRows(const T* z, int64_t count, int64_t anyChannels, T* out) {
  const int64_t channels = constant > 0 ? constant : anyChannels;
  for (int64_t start = 0; start < count; start += channels) {
    T largest = z[start];
    for (int64_t c = 1; c < channels; c++) largest = z[start + c] > largest ? z[start + c] : largest;
    for (int64_t c = 0; c < channels; c++) out[start + c] = z[start + c] - largest;
  }
  for (int64_t i = count; i < count + kLanes; i++) out[i] = 0;
  exponentialTile(out, count);
  for (int64_t start = 0; start < count; start += channels) {
    double total = 0;
    for (int64_t c = 0; c < channels; c++) total += static_cast<double>(out[start + c]);
    const T inverse = static_cast<T>(1 / total);
    for (int64_t c = 0; c < channels; c++) out[start + c] *= inverse;
  }
}

template <typename T>
inline void softmaxTile(const T* z, int64_t count, int64_t channels, T* out) {
  if (channels == 2) softmaxRows<2>(z, count, channels, out);
  else if (channels == 3) softmaxRows<3>(z, count, channels, out);
  else if (channels == 4) softmaxRows<4>(z, count, channels, out);
  else if (channels == 5) softmaxRows<5>(z, count, channels, out);
  else softmaxRows<0>(z, count, channels, out);
}

inline void widenBytes(const uint8_t* from, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(out + i, loadBytes(from + i));
  for (; i < count; i++) out[i] = from[i];
}

inline void widenBytes(const uint8_t* from, int64_t count, double* out) {
  for (int64_t i = 0; i < count; i++) out[i] = from[i];
}

// A stretch of elements with probabilities p, targets y and, where asked for, the sigmoid's slope.
template <typename T>
struct Tile {
  const T *p, *y, *slope;
};

// The buffers of one task, and how a tile is brought into them.
template <typename T>
class TileReader {
 public:
  TileReader(const Overlap& overlap, int64_t longest) : overlap_(overlap) {
    const int64_t length = longest + kTileSlack;
    p_ = scratchOf<T>(Scratch::taskB, 4 * length);
    y_ = p_ + length;
    slope_ = y_ + length;
    spare_ = slope_ + length;
  }

  // Elements [start, start + count), whole rows. `forSums`: elements that the mask leaves out have p = y = 0; and p and y are 0 as
  // far as a vector reaches beyond the last.
  Tile<T> read(int64_t start, int64_t count, bool withSlope, bool forSums) {
    const T* const z = static_cast<const T*>(overlap_.prediction) + start;
    Tile<T> tile = {z, nullptr, slope_};
    if (overlap_.activation == Activation::sigmoid) {
      sigmoidTile(z, count, p_, withSlope ? slope_ : nullptr);
      tile.p = p_;
    } else if (overlap_.activation == Activation::softmax) {
      softmaxTile(z, count, overlap_.channels, p_);
      tile.p = p_;
    }
    if (overlap_.hasByteTarget) {
      widenBytes(static_cast<const uint8_t*>(overlap_.target) + start, count, y_);
      tile.y = y_;
    } else {
      tile.y = static_cast<const T*>(overlap_.target) + start;
    }
    if (!forSums) return tile;
    if (overlap_.mask != nullptr) return masked(tile, start, count);
    return count % kLanes == 0 ? tile : padded(tile, count);
  }

  // A buffer of a tile that nothing else uses.
  T* spare() { return spare_; }

 private:
  Tile<T> masked(const Tile<T>& tile, int64_t start, int64_t count) {
    const uint8_t* const mask = overlap_.mask + start / overlap_.channels * overlap_.maskChannels;
    const int64_t repeat = overlap_.maskChannels == 1 ? overlap_.channels : 1;
    for (int64_t i = 0, m = 0, left = repeat; i < count; i++) {
      const bool counts = mask[m] != 0;
      p_[i] = counts ? tile.p[i] : 0;
      y_[i] = counts ? tile.y[i] : 0;
      if (--left == 0) left = repeat, m++;
    }
    return padded({p_, y_, slope_}, count);
  }

  Tile<T> padded(const Tile<T>& tile, int64_t count) {
    if (tile.p != p_) for (int64_t i = 0; i < count; i++) p_[i] = tile.p[i];
    if (tile.y != y_) for (int64_t i = 0; i < count; i++) y_[i] = tile.y[i];
    for (int64_t i = count; i < count + kLanes; i++) p_[i] = y_[i] = 0;
    return {p_, y_, slope_};
  }

  const Overlap& overlap_;
  T *p_, *y_, *slope_, *spare_;
};

// A stretch of rows that are in the same subset, channel by channel, and in one sample where it matters.
struct Segments {
  int64_t count, rows;
  // Whether elements have to be looked up one by one instead.
  bool perElement;
};

inline Segments segmentsOf(const Overlap& o) {
  const int64_t rows = o.batch * o.voxels;
  const int64_t last = o.axes - 1;
  if (o.axes == 0 || (o.strides[last] != 0 && o.sizes[last] != 1)) return {0, 0, true};
  int64_t length = o.sizes[last];
  if (o.annotated != nullptr && length > o.voxels) {
    if (length % o.voxels != 0) return {0, 0, true};
    length = o.voxels;
  }
  if (o.annotated != nullptr && o.voxels % length != 0) return {0, 0, true};
  // Short segments are not worth their tables.
  if (length < 64 && length < rows) return {0, 0, true};
  return {rows / length, length, false};
}

// The subset of channel firstChannel of a row.
inline int64_t subsetOfRow(const Overlap& o, int64_t row) {
  int64_t subset = 0;
  for (int64_t axis = o.axes - 1; axis >= 0; axis--) {
    subset += row % o.sizes[axis] * o.strides[axis];
    row /= o.sizes[axis];
  }
  return subset;
}

// The subset of an element, or −1 where it does not count. rowSubset: subsetOfRow(row), unused under labels.
inline int64_t subsetOfElement(const Overlap& o, int64_t row, int64_t c, int64_t rowSubset) {
  if (c < o.firstChannel) return -1;
  if (o.annotated != nullptr && o.annotated[row / o.voxels * o.channels + c] == 0) return -1;
  if (o.mask != nullptr && o.mask[row * o.maskChannels + (o.maskChannels == 1 ? 0 : c)] == 0) return -1;
  if (o.labels == nullptr) return rowSubset + (c - o.firstChannel) * o.channelStride;
  const int64_t label = o.labels[row * o.channels + c];
  return label < o.subsets ? label : -1;
}

}  // namespace
}  // namespace phigrad
