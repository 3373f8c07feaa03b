#include "gather.h"

#include <algorithm>
#include <numeric>

namespace phigrad {
namespace {

int64_t floorDivide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

}  // namespace

GatherAxes forwardAxes(const ConvolutionGeometry& g) {
  GatherAxes axes;
  for (size_t axis = 0; axis < 3; ++axis) {
    axes[axis] = {sizesOf(g.output)[axis],   -sizesOf(g.padding)[axis],  sizesOf(g.stride)[axis],
                  sizesOf(g.kernel)[axis],   sizesOf(g.dilation)[axis], 0, 1, 0, 1};
  }
  return axes;
}

std::vector<AxisGather> residueClasses(const ConvolutionGeometry& g, int axis) {
  const size_t a = static_cast<size_t>(axis);
  const int64_t input = sizesOf(g.input)[a];
  const int64_t stride = sizesOf(g.stride)[a];
  const int64_t dilation = sizesOf(g.dilation)[a];
  const int64_t padding = sizesOf(g.padding)[a];
  const int64_t tapPeriod = stride / std::gcd(stride, dilation);
  std::vector<AxisGather> classes;
  for (int64_t first = 0; first < std::min(stride, input); ++first) {
    int64_t reaching = 0;
    int64_t last = 0;
    for (int64_t tap = 0; tap < sizesOf(g.kernel)[a]; ++tap) {
      if ((first + padding - tap * dilation) % stride != 0) continue;
      ++reaching;
      last = tap;
    }
    // Later taps meet earlier sources: taps are walked from the last to the first, so that sources ascend.
    classes.push_back({(input - first + stride - 1) / stride, floorDivide(first + padding - last * dilation, stride), 1,
                       reaching, tapPeriod * dilation / stride, last, -tapPeriod, first, stride});
  }
  return classes;
}

}  // namespace phigrad
