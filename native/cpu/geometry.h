// The checked sizes that entries hand to kernels, as in src/backend/geometry.ts. Arrays are dense, C order, channels last.
#pragma once
#include <stdint.h>

namespace phigrad {

struct Triple {
  int64_t x, y, z;
};

// x (B, X, Y, Z, Cin) ∗ weight (kx, ky, kz, Cin/groups, Cout) → (B, X', Y', Z', Cout): output index o meets input index
// o·stride − padding + t·dilation at tap t; what lies outside the input is 0.
struct ConvolutionGeometry {
  int64_t batch;
  Triple input, output, kernel, stride, dilation, padding;
  int64_t inChannels, outChannels, groups;
};

// Non-overlapping windows; the output size is ⌊input / window⌋.
struct PoolGeometry {
  int64_t batch;
  Triple input, window;
  int64_t channels;
};

// Every input voxel becomes a block of factors voxels.
struct UpsampleGeometry {
  int64_t batch;
  Triple input, factors;
  int64_t channels;
};

// x (batch, positions, channels) normalised over positions.
struct NormGeometry {
  int64_t batch, positions, channels;
};

// A reduction of dense x (groups, length, width) over length.
struct ReduceGeometry {
  int64_t groups, length, width;
};

// An operand that is read in C order of a shape, `strides` elements apart along each axis: at least one axis, none that could
// be merged with its neighbour. `data` is its first element; strides may be 0 or negative.
constexpr int kMostAxes = 16;
struct Strided {
  const void* data;
  int64_t axes;
  int64_t sizes[kMostAxes];
  int64_t strides[kMostAxes];

  bool isDense() const { return axes == 1 && (strides[0] == 1 || sizes[0] == 1); }
  bool isScalar() const { return axes == 1 && strides[0] == 0; }
};

}  // namespace phigrad
