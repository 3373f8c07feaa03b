// Convolution kernels: what the drivers (*.cc here, compiled for the baseline) and the register tiles (compiled once
// per instruction set) say to each other. No std headers: files of an instruction set include this one.
//
// All three passes are one contraction over "rows" of a packed slab of the source (slab.h): position p reads
// slab[rows[p] + taps[t] + i], where run t covers the z taps and channels i = 0 … run − 1, which follow one another
// there. A weight panel holds [t][i][width] for a block of `vectors` vectors of target channels, zeros beyond the
// last channel.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace phigrad {

// Most positions, and most terms of a run, that a register tile holds sums for.
constexpr int64_t mostTilePositions = 12;

// What a slab gives a tile: `count` positions and `runs` runs of `run` floats.
struct SlabView {
  const float* slab;
  const ptrdiff_t* rows;
  int64_t count;
  const ptrdiff_t* taps;
  int64_t runs;
  int64_t run;
  // Positions p, p + 1, … of each `line` neighbours, and the z taps of a run, are `voxel` floats apart; line is 1
  // where they are not.
  int64_t line;
  int64_t voxel;
};

// out[places[p] + c] (+)= bias[c] + Σ_t Σ_i slab[rows[p] + taps[t] + i] · panel[t][i][c] for the block's channels c.
struct ForwardBlock {
  SlabView source;
  const float* panel;
  int64_t vectors;
  // Channels of the block that exist.
  int64_t channels;
  // Null for none; read only where `accumulate` is false.
  const float* bias;
  bool accumulate;
  float* out;
  const ptrdiff_t* places;
};

// sums[t][i][c] += Σ_p slab[rows[p] + taps[t] + i] · gradient[p][c], p ascending.
struct WeightBlock {
  SlabView source;
  // (count, width), zeros beyond the last channel.
  const float* gradient;
  int64_t vectors;
  float* sums;
};

// packed[r][c] = from[rowOffset(r) + c·channelStride] for c < channels, 0 for the rest of the width.
struct PanelRows {
  const float* from;
  // Row r begins at rowOffsets[r], or at r·rowStride where that is null.
  const ptrdiff_t* rowOffsets;
  ptrdiff_t rowStride;
  ptrdiff_t channelStride;
  int64_t rows;
  int64_t channels;
  int64_t vectors;
  float* packed;
};

// Register tiles for vectors of `lanes` channels.
template <typename Block>
struct ConvolutionTiles {
  int64_t lanes;
  void (*run)(const Block&);
  void (*packRows)(const PanelRows&);
};

// The tiles of an instruction set, widest first: the narrow ones serve the few channels with which the wide ones
// would idle half their lanes or more.
struct ConvolutionTable {
  ConvolutionTiles<ForwardBlock> forward[3];
  ConvolutionTiles<WeightBlock> weightGradient[2];
};

}  // namespace phigrad
