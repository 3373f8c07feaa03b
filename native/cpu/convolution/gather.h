// Which source voxel a target voxel meets at which tap, for the three passes of a convolution. Axis by axis:
//
//   target i (0 … positions − 1) meets source index origin + i·step + t·tapStep at tap t (0 … taps − 1),
//   which is index firstTap + t·weightStep of the kernel; target i stands at targetOrigin + i·targetStep of its grid.
//
// The input gradient of a strided convolution falls apart into classes of inputs with the same (i + padding) mod
// stride, each a convolution with step 1, so that no product with an inserted zero is made.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "../geometry.h"

namespace phigrad {

// One number for each of the axes x, y, z.
using Sizes = std::array<int64_t, 3>;

inline Sizes sizesOf(const Triple& t) { return {t.x, t.y, t.z}; }

struct AxisGather {
  int64_t positions;
  int64_t origin;
  int64_t step;
  int64_t taps;
  int64_t tapStep;
  int64_t firstTap;
  int64_t weightStep;
  int64_t targetOrigin;
  int64_t targetStep;
};

using GatherAxes = std::array<AxisGather, 3>;

inline int64_t volume(const Sizes& size) { return size[0] * size[1] * size[2]; }

// A dense volume (batch, X, Y, Z, channels).
struct Volume {
  Sizes size;
  int64_t channels;
};

// How the forward pass and the weight gradient gather the input.
GatherAxes forwardAxes(const ConvolutionGeometry& geometry);

// How the input gradient gathers the output's gradient along one axis: one class for each residue; taps may be 0.
std::vector<AxisGather> residueClasses(const ConvolutionGeometry& geometry, int axis);

}  // namespace phigrad
