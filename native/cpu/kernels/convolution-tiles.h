// Register tiles of the convolution kernels, for a vector type V of an instruction set (convolution.h beside this).
// In an anonymous namespace: nothing here may be shared with code for another one.
//
//   forward:  12 positions × 2 vectors of output channels are summed in registers over all taps and channels
//     for each run: for each i of the run: load the panel's row; for each position: broadcast x, multiply-add
//   forward, one vector of channels, three z taps:  12 neighbours of a line
//     for each run: for each channel: load the rows of the three taps
//       for each of 14 voxels: broadcast x, 3 multiply-adds
//   weight gradient:  12 terms of a run × 2 vectors of output channels are summed in registers over positions
//     for each 192 positions (they stay near): for each run: for each 12 terms: for each position:
//       load the gradient's row; for each term: broadcast x, multiply-add
//
// A tile with fewer positions or terms is its own instance, and tiles are of even size: 75 positions are 2 × 10 + 5 ×
// 11. Which tile computes a sum, and so the order of its multiply-adds, follows from the sizes alone.
#pragma once
#include "../convolution/tiles.h"
#include "../simd.h"

namespace phigrad {
namespace {

// Positions (or terms) of a tile with `vectors` vectors, as many as the registers hold.
template <class V>
constexpr int64_t tilePositions(int64_t vectors) {
  return vectors == 1 ? V::tile1 : vectors == 2 ? V::tile2 : V::tile3;
}

template <class V, int Vectors>
void readSums(const float* from, int64_t channels, typename V::Register (&sum)[Vectors]) {
#pragma GCC unroll 4
  for (int v = 0; v + 1 < Vectors; ++v) sum[v] = V::start(from + v * V::lanes, V::lanes);
  const int64_t last = (Vectors - 1) * V::lanes;
  sum[Vectors - 1] = V::start(from + last, channels - last);
}

// What the sums of a tile start from: the outputs so far, or the bias, or 0.
template <class V, int Vectors, int Positions>
void startSums(const ForwardBlock& block, int64_t first, typename V::Register (&sum)[Positions][Vectors]) {
  if (block.accumulate) {
#pragma GCC unroll 16
    for (int p = 0; p < Positions; ++p) {
      readSums<V, Vectors>(block.out + block.places[first + p], block.channels, sum[p]);
    }
    return;
  }
  typename V::Register same[Vectors];
#pragma GCC unroll 4
  for (int v = 0; v < Vectors; ++v) same[v] = V::zero();
  if (block.bias != nullptr) readSums<V, Vectors>(block.bias, block.channels, same);
#pragma GCC unroll 16
  for (int p = 0; p < Positions; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sum[p][v] = same[v];
  }
}

template <class V, int Vectors>
void writeSums(const ForwardBlock& block, int64_t position, const typename V::Register (&sum)[Vectors]) {
  float* out = block.out + block.places[position];
#pragma GCC unroll 4
  for (int v = 0; v + 1 < Vectors; ++v) V::finish(out + v * V::lanes, sum[v], V::lanes);
  const int64_t last = (Vectors - 1) * V::lanes;
  V::finish(out + last, sum[Vectors - 1], block.channels - last);
}

template <class V, int Vectors, int Positions>
void forwardTile(const ForwardBlock& block, int64_t first) {
  using Register = typename V::Register;
  const SlabView& source = block.source;
  const float* x[Positions];
  Register sum[Positions][Vectors];
#pragma GCC unroll 16
  for (int p = 0; p < Positions; ++p) x[p] = source.slab + source.rows[first + p];
  startSums<V, Vectors, Positions>(block, first, sum);
  const float* panel = block.panel;
  for (int64_t t = 0; t < source.runs; ++t) {
    const ptrdiff_t end = source.taps[t] + source.run;
    ptrdiff_t i = source.taps[t];
    for (; i + V::terms <= end; i += V::terms) {
      Register weight[Vectors];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) weight[v] = V::load(panel + v * V::lanes);
#pragma GCC unroll 16
      for (int p = 0; p < Positions; ++p) {
        const Register value = V::broadcast(x[p] + i);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) sum[p][v] = V::multiplyAdd(value, weight[v], sum[p][v]);
      }
      panel += Vectors * V::lanes * V::terms;
    }
    if constexpr (V::terms > 1) {
      if (i == end) continue;
      const Register weight = V::loadTerms(panel, end - i);
#pragma GCC unroll 16
      for (int p = 0; p < Positions; ++p) {
        sum[p][0] = V::multiplyAdd(V::broadcastTerms(x[p] + i, end - i), weight, sum[p][0]);
      }
      panel += (end - i) * V::lanes;
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < Positions; ++p) writeSums<V, Vectors>(block, first + p, sum[p]);
}

// Broadcasts as many terms as a vector takes, or the last few. (Lambdas would not be compiled for the target.)
template <class V>
struct WholeTerms {
  typename V::Register operator()(const float* x) const { return V::broadcast(x); }
};

template <class V>
struct LastTerms {
  int64_t count;
  typename V::Register operator()(const float* x) const { return V::broadcastTerms(x, count); }
};

// Adds one product per tap: source voxel z meets position z at tap 0, z − 1 at tap 1, z − 2 at tap 2.
template <class V, int Positions, class Broadcast>
void slide(const float* x, int64_t voxel, const typename V::Register (&weight)[3],
           typename V::Register (&sum)[Positions][1], const Broadcast& broadcast) {
#pragma GCC unroll 16
  for (int z = 0; z < Positions + 2; ++z, x += voxel) {
    const typename V::Register value = broadcast(x);
#pragma GCC unroll 4
    for (int tap = 0; tap < 3; ++tap) {
      if (z >= tap && z - tap < Positions) sum[z - tap][0] = V::multiplyAdd(value, weight[tap], sum[z - tap][0]);
    }
  }
}

// Neighbours of one line with three z taps and one vector of channels: every broadcast serves three positions.
template <class V, int Positions>
void slidingTile(const ForwardBlock& block, int64_t first) {
  using Register = typename V::Register;
  const SlabView& source = block.source;
  const int64_t voxel = source.voxel;
  Register sum[Positions][1];
  startSums<V, 1, Positions>(block, first, sum);
  for (int64_t t = 0; t < source.runs; ++t) {
    const float* x = source.slab + source.rows[first] + source.taps[t];
    const float* panel = block.panel + t * source.run * V::lanes;
    int64_t c = 0;
    for (; c + V::terms <= voxel; c += V::terms) {
      const float* row = panel + c * V::lanes;
      const Register weight[3] = {V::load(row), V::load(row + voxel * V::lanes), V::load(row + 2 * voxel * V::lanes)};
      slide<V, Positions>(x + c, voxel, weight, sum, WholeTerms<V>{});
    }
    if constexpr (V::terms > 1) {
      const int64_t left = voxel - c;
      if (left == 0) continue;
      const float* row = panel + c * V::lanes;
      const Register weight[3] = {V::loadTerms(row, left), V::loadTerms(row + voxel * V::lanes, left),
                                  V::loadTerms(row + 2 * voxel * V::lanes, left)};
      slide<V, Positions>(x + c, voxel, weight, sum, LastTerms<V>{left});
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < Positions; ++p) writeSums<V, 1>(block, first + p, sum[p]);
}

// Positions begin … end − 1 and the terms from `offset` on of one run.
template <class V, int Vectors, int Terms>
void weightTile(const WeightBlock& block, int64_t begin, int64_t end, ptrdiff_t offset, float* sums) {
  using Register = typename V::Register;
  constexpr int64_t width = Vectors * V::lanes;
  Register sum[Terms][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Terms; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sum[i][v] = V::load(sums + i * width + v * V::lanes);
  }
  const float* slab = block.source.slab + offset;
  const float* gradient = block.gradient + begin * width;
  for (int64_t p = begin; p < end; ++p) {
    const float* x = slab + block.source.rows[p];
    Register factor[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) factor[v] = V::load(gradient + v * V::lanes);
#pragma GCC unroll 16
    for (int i = 0; i < Terms; ++i) {
      const Register value = V::broadcast(x + i);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[i][v] = V::multiplyAdd(value, factor[v], sum[i][v]);
    }
    gradient += width;
  }
#pragma GCC unroll 16
  for (int i = 0; i < Terms; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) V::store(sums + i * width + v * V::lanes, sum[i][v]);
  }
}

// Picks the instance with `size` positions or terms, 1 … Most.
template <class V, int Vectors, int Most>
void forwardTileOf(const ForwardBlock& block, int64_t first, int64_t size) {
  if constexpr (Most > 0) {
    if (size == Most) return forwardTile<V, Vectors, Most>(block, first);
    forwardTileOf<V, Vectors, Most - 1>(block, first, size);
  }
}

template <class V, int Most>
void slidingTileOf(const ForwardBlock& block, int64_t first, int64_t size) {
  if constexpr (Most > 0) {
    if (size == Most) return slidingTile<V, Most>(block, first);
    slidingTileOf<V, Most - 1>(block, first, size);
  }
}

template <class V, int Vectors, int Most>
void weightTileOf(const WeightBlock& block, int64_t begin, int64_t end, ptrdiff_t offset, float* sums, int64_t size) {
  if constexpr (Most > 0) {
    if (size == Most) return weightTile<V, Vectors, Most>(block, begin, end, offset, sums);
    weightTileOf<V, Vectors, Most - 1>(block, begin, end, offset, sums, size);
  }
}

template <class V, int Vectors>
void forwardTiles(const ForwardBlock& block) {
  constexpr int64_t most = tilePositions<V>(Vectors);
  const int64_t count = block.source.count;
  const int64_t tiles = (count + most - 1) / most;
  for (int64_t tile = 0, first = 0; tile < tiles; ++tile) {
    const int64_t size = (count - first) / (tiles - tile);
    forwardTileOf<V, Vectors, most>(block, first, size);
    first += size;
  }
}

template <class V, int Vectors>
void weightTiles(const WeightBlock& block) {
  constexpr int64_t most = tilePositions<V>(Vectors);
  constexpr int64_t nearby = 192;
  const SlabView& source = block.source;
  const int64_t tiles = (source.run + most - 1) / most;
  for (int64_t begin = 0; begin < source.count; begin += nearby) {
    const int64_t end = begin + nearby < source.count ? begin + nearby : source.count;
    float* sums = block.sums;
    for (int64_t t = 0; t < source.runs; ++t) {
      for (int64_t tile = 0, first = 0; tile < tiles; ++tile) {
        const int64_t size = (source.run - first) / (tiles - tile);
        weightTileOf<V, Vectors, most>(block, begin, end, source.taps[t] + first, sums, size);
        sums += size * Vectors * V::lanes;
        first += size;
      }
    }
  }
}

// Lines shorter than this leave too few sums to overlap their additions.
constexpr int64_t shortestSlidingLine = 4;

template <class V>
void slidingTiles(const ForwardBlock& block) {
  constexpr int64_t most = 12;
  const int64_t line = block.source.line;
  const int64_t tiles = (line + most - 1) / most;
  for (int64_t begin = 0; begin < block.source.count; begin += line) {
    for (int64_t tile = 0, first = 0; tile < tiles; ++tile) {
      const int64_t size = (line - first) / (tiles - tile);
      slidingTileOf<V, most>(block, begin + first, size);
      first += size;
    }
  }
}

template <class V>
void forwardBlock(const ForwardBlock& block) {
  const SlabView& source = block.source;
  if (block.vectors == 1 && source.line >= shortestSlidingLine && source.run == 3 * source.voxel) {
    return slidingTiles<V>(block);
  }
  if (block.vectors == 1) return forwardTiles<V, 1>(block);
  // Vectors that hold several terms are for channels that fit into one.
  if constexpr (V::terms == 1) {
    if (block.vectors == 2) return forwardTiles<V, 2>(block);
    forwardTiles<V, 3>(block);
  }
}

template <class V>
void weightBlock(const WeightBlock& block) {
  if (block.vectors == 1) return weightTiles<V, 1>(block);
  if (block.vectors == 2) return weightTiles<V, 2>(block);
  weightTiles<V, 3>(block);
}

// to[i·toStride + j] = from[j·stride + i] for i, j in 0 … 3.
inline void transpose4(const float* from, ptrdiff_t stride, float* to, ptrdiff_t toStride) {
#if defined(__x86_64__) || defined(_M_X64)
  __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + stride);
  __m128 c = _mm_loadu_ps(from + 2 * stride), d = _mm_loadu_ps(from + 3 * stride);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  _mm_storeu_ps(to, a);
  _mm_storeu_ps(to + toStride, b);
  _mm_storeu_ps(to + 2 * toStride, c);
  _mm_storeu_ps(to + 3 * toStride, d);
#else
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t j = 0; j < 4; ++j) to[i * toStride + j] = from[j * stride + i];
  }
#endif
}

template <class V>
void packRows(const PanelRows& job) {
  const int64_t width = job.vectors * V::lanes;
  if (job.channelStride == 1) {
    const int64_t last = (job.vectors - 1) * V::lanes;
    for (int64_t r = 0; r < job.rows; ++r) {
      const float* from = job.from + (job.rowOffsets != nullptr ? job.rowOffsets[r] : r * job.rowStride);
      float* packed = job.packed + r * width;
      for (int64_t v = 0; v < last; v += V::lanes) V::copy(packed + v, from + v, V::lanes);
      V::copy(packed + last, from + last, job.channels - last);
    }
    return;
  }
  // A transpose, 16 rows at a time, so that the lines written stay in the first cache.
  for (int64_t begin = 0; begin < job.rows; begin += 16) {
    const int64_t end = begin + 16 < job.rows ? begin + 16 : job.rows;
    for (int64_t c = 0; c < width; c += 4) {
      const float* from = job.from + c * job.channelStride;
      float* packed = job.packed + c;
      int64_t r = begin;
      if (c + 4 <= job.channels && job.rowStride == 1) {
        for (; r + 4 <= end; r += 4) transpose4(from + r, job.channelStride, packed + r * width, width);
      }
      for (; r < end; ++r) {
        for (int64_t i = 0; i < 4; ++i) {
          packed[r * width + i] = c + i < job.channels ? from[r * job.rowStride + i * job.channelStride] : 0.0f;
        }
      }
    }
  }
}

template <class V>
constexpr ConvolutionTiles<ForwardBlock> forwardTilesOf{V::lanes, forwardBlock<V>, packRows<V>};

template <class V>
constexpr ConvolutionTiles<WeightBlock> weightTilesOf{V::lanes, weightBlock<V>, packRows<V>};

}  // namespace
}  // namespace phigrad
