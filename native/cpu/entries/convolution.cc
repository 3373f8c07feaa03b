// Entry points of the 3-D convolution. Lengths follow from the geometry:
// [batch, input ×3, output ×3, kernel ×3, stride ×3, dilation ×3, padding ×3, inChannels, outChannels, groups].
#include "../convolution/convolution.h"

#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

// Sums and products of a few such sizes stay below 2⁶³.
constexpr int64_t kMostSize = int64_t{1} << 30;

struct ConvolutionSizes {
  ConvolutionGeometry geometry;
  int64_t input, weight, output;
};

ConvolutionSizes convolutionSizes(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 22);
  ConvolutionSizes s;
  ConvolutionGeometry& g = s.geometry;
  g.batch = numbers.next(0, kMostSize);
  g.input = numbers.triple(0, kMostSize);
  g.output = numbers.triple(0, kMostSize);
  g.kernel = numbers.triple(1, kMostSize);
  g.stride = numbers.triple(1, kMostSize);
  g.dilation = numbers.triple(1, kMostSize);
  g.padding = numbers.triple(0, kMostSize);
  g.inChannels = numbers.next(0, kMostSize);
  g.outChannels = numbers.next(0, kMostSize);
  g.groups = numbers.next(1, kMostSize);
  if (g.inChannels % g.groups != 0 || g.outChannels % g.groups != 0) {
    arguments.refuse("channels in multiples of the groups",
                     std::to_string(g.inChannels) + " and " + std::to_string(g.outChannels) + " in " +
                         std::to_string(g.groups) + " groups");
  }
  s.input = product(arguments, g.batch, volume(arguments, g.input), g.inChannels);
  s.weight = product(arguments, volume(arguments, g.kernel), g.inChannels / g.groups, g.outChannels);
  s.output = product(arguments, g.batch, volume(arguments, g.output), g.outChannels);
  return s;
}

// (geometry, x, weight, bias or null, out)
void conv3d(Arguments& arguments) {
  const ConvolutionSizes s = convolutionSizes(arguments);
  const float* x = arguments.array<float>("x", s.input);
  const float* weight = arguments.array<float>("weight", s.weight);
  const float* bias = arguments.optionalArray<float>("bias", s.geometry.outChannels);
  float* out = arguments.array<float>("out", s.output);
  convolution(kernels().convolution, s.geometry, x, weight, bias, out);
}

// (geometry, outputGradient, weight, out)
void conv3dInputGradient(Arguments& arguments) {
  const ConvolutionSizes s = convolutionSizes(arguments);
  const float* gradient = arguments.array<float>("outputGradient", s.output);
  const float* weight = arguments.array<float>("weight", s.weight);
  float* out = arguments.array<float>("out", s.input);
  convolutionInputGradient(kernels().convolution, s.geometry, gradient, weight, out);
}

// (geometry, x, outputGradient, out)
void conv3dWeightGradient(Arguments& arguments) {
  const ConvolutionSizes s = convolutionSizes(arguments);
  const float* x = arguments.array<float>("x", s.input);
  const float* gradient = arguments.array<float>("outputGradient", s.output);
  float* out = arguments.array<float>("out", s.weight);
  convolutionWeightGradient(kernels().convolution, s.geometry, x, gradient, out);
}

}  // namespace

void defineConvolution(napi_env env, napi_value exports) {
  define<conv3d>(env, exports, "conv3d");
  define<conv3dInputGradient>(env, exports, "conv3dInputGradient");
  define<conv3dWeightGradient>(env, exports, "conv3dWeightGradient");
}

}  // namespace phigrad
