// Entry points of the kernels on volumes: normalisation, pooling, upsampling. Lengths follow from the geometry.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

NormGeometry normGeometry(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 3);
  NormGeometry g;
  g.batch = numbers.next(0);
  g.positions = numbers.next(1);
  g.channels = numbers.next(1);
  return g;
}

// (geometry, x, scale, shift, epsilon, slope, out, mean, inverseDeviation)
void normActivation(Arguments& arguments) {
  const NormGeometry g = normGeometry(arguments);
  const int64_t size = product(arguments, g.batch, g.positions, g.channels);
  const float* x = arguments.array<float>("x", size);
  const float* scale = arguments.array<float>("scale", g.channels);
  const float* shift = arguments.array<float>("shift", g.channels);
  const double epsilon = arguments.number("epsilon");
  const float slope = static_cast<float>(arguments.number("slope"));
  float* out = arguments.array<float>("out", size);
  double* mean = arguments.array<double>("mean", g.batch * g.channels);
  double* inverse = arguments.array<double>("inverseDeviation", g.batch * g.channels);
  kernels().normActivation(x, scale, shift, epsilon, slope, g, out, mean, inverse);
}

// (geometry, x, scale, shift, mean, inverseDeviation, outputGradient, slope, xOut, scaleOut, shiftOut)
void normActivationGradient(Arguments& arguments) {
  const NormGeometry g = normGeometry(arguments);
  const int64_t size = product(arguments, g.batch, g.positions, g.channels);
  NormActivationGradient a;
  a.x = arguments.array<float>("x", size);
  a.scale = arguments.array<float>("scale", g.channels);
  a.shift = arguments.array<float>("shift", g.channels);
  a.mean = arguments.array<double>("mean", g.batch * g.channels);
  a.inverseDeviation = arguments.array<double>("inverseDeviation", g.batch * g.channels);
  a.outputGradient = arguments.array<float>("outputGradient", size);
  a.slope = static_cast<float>(arguments.number("slope"));
  a.xOut = arguments.array<float>("xOut", size);
  a.scaleOut = arguments.array<float>("scaleOut", g.channels);
  a.shiftOut = arguments.array<float>("shiftOut", g.channels);
  kernels().normActivationGradient(a, g);
}

struct PoolSizes {
  PoolGeometry geometry;
  int64_t input, output;
};

PoolSizes poolSizes(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 8);
  PoolSizes s;
  PoolGeometry& g = s.geometry;
  g.batch = numbers.next(0);
  g.input = numbers.triple(1);
  // The kernels count the voxels of a window in float32, exact below 2²⁴.
  g.window = numbers.triple(1, 255);
  g.channels = numbers.next(1);
  const int64_t windows = volume(arguments, {g.input.x / g.window.x, g.input.y / g.window.y, g.input.z / g.window.z});
  s.input = product(arguments, g.batch, volume(arguments, g.input), g.channels);
  s.output = product(arguments, g.batch, windows, g.channels);
  return s;
}

// (geometry, x, out)
void maxPool3d(Arguments& arguments) {
  const PoolSizes s = poolSizes(arguments);
  const float* x = arguments.array<float>("x", s.input);
  float* out = arguments.array<float>("out", s.output);
  kernels().maxPool3d(x, s.geometry, out);
}

// (geometry, x, out: Int32Array)
void maxPool3dIndices(Arguments& arguments) {
  const PoolSizes s = poolSizes(arguments);
  if (s.input > INT32_MAX) arguments.refuse("an x whose indices fit in int32", std::to_string(s.input) + " elements");
  const float* x = arguments.array<float>("x", s.input);
  int32_t* out = arguments.array<int32_t>("out", s.output);
  kernels().maxPool3dIndices(x, s.geometry, out);
}

// (geometry, x, outputGradient, out)
void maxPool3dGradient(Arguments& arguments) {
  const PoolSizes s = poolSizes(arguments);
  const float* x = arguments.array<float>("x", s.input);
  const float* gradient = arguments.array<float>("outputGradient", s.output);
  float* out = arguments.array<float>("out", s.input);
  kernels().maxPool3dGradient(x, gradient, s.geometry, out);
}

struct UpsampleSizes {
  UpsampleGeometry geometry;
  int64_t skipChannels, input, skip, output;
};

UpsampleSizes upsampleSizes(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 9);
  UpsampleSizes s;
  UpsampleGeometry& g = s.geometry;
  g.batch = numbers.next(0);
  g.input = numbers.triple(1);
  g.factors = numbers.triple(1);
  g.channels = numbers.next(1);
  s.skipChannels = numbers.next(0);
  const int64_t voxels = product(arguments, g.batch, volume(arguments, g.input));
  const int64_t outVoxels = product(arguments, voxels, volume(arguments, g.factors));
  s.input = product(arguments, voxels, g.channels);
  s.skip = product(arguments, outVoxels, s.skipChannels);
  s.output = product(arguments, outVoxels, g.channels + s.skipChannels);
  return s;
}

// (geometry, skip or null, x, out)
void upsampleConcat(Arguments& arguments) {
  const UpsampleSizes s = upsampleSizes(arguments);
  const float* skip = s.skipChannels == 0 ? arguments.optionalArray<float>("skip", 0) : arguments.array<float>("skip", s.skip);
  const float* x = arguments.array<float>("x", s.input);
  float* out = arguments.array<float>("out", s.output);
  kernels().upsampleConcat(skip, x, s.skipChannels, s.geometry, out);
}

// (geometry, outputGradient, skipOut or null, xOut)
void upsampleConcatGradient(Arguments& arguments) {
  const UpsampleSizes s = upsampleSizes(arguments);
  const float* gradient = arguments.array<float>("outputGradient", s.output);
  float* skipOut =
      s.skipChannels == 0 ? arguments.optionalArray<float>("skipOut", 0) : arguments.array<float>("skipOut", s.skip);
  float* xOut = arguments.array<float>("xOut", s.input);
  kernels().upsampleConcatGradient(gradient, s.skipChannels, s.geometry, skipOut, xOut);
}

}  // namespace

void defineVolumes(napi_env env, napi_value exports) {
  define<normActivation>(env, exports, "normActivation");
  define<normActivationGradient>(env, exports, "normActivationGradient");
  define<maxPool3d>(env, exports, "maxPool3d");
  define<maxPool3dIndices>(env, exports, "maxPool3dIndices");
  define<maxPool3dGradient>(env, exports, "maxPool3dGradient");
  define<upsampleConcat>(env, exports, "upsampleConcat");
  define<upsampleConcatGradient>(env, exports, "upsampleConcatGradient");
}

}  // namespace phigrad
