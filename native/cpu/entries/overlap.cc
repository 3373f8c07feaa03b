// Entry points of the overlap losses' sums and gradient. The geometry is one array of numbers: batch, voxels, channels,
// firstChannel, subsets, activation, squares, axes, channelStride, then sizes and strides of the axes.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

constexpr int64_t kNumbers = 9 + 2 * kMostAxes;

void readGeometry(Arguments& arguments, Overlap& o) {
  Numbers numbers(arguments, "geometry", kNumbers);
  o.batch = numbers.next(0);
  o.voxels = numbers.next(0);
  o.channels = numbers.next(1);
  o.firstChannel = numbers.next(0, o.channels);
  o.subsets = numbers.next(0);
  o.activation = static_cast<Activation>(numbers.next(0, 2));
  o.squares = numbers.next(0, 1) == 1;
  o.axes = numbers.next(0, kMostAxes);
  o.channelStride = numbers.next(0);
  for (int64_t axis = 0; axis < kMostAxes; axis++) o.sizes[axis] = numbers.next(0);
  for (int64_t axis = 0; axis < kMostAxes; axis++) o.strides[axis] = numbers.next(0);
  const int64_t rows = product(arguments, o.batch, o.voxels);
  product(arguments, rows, o.channels);
  if (o.axes == 0 || rows == 0) return;
  int64_t counted = 1;
  double largest = static_cast<double>(o.channels - o.firstChannel - 1) * static_cast<double>(o.channelStride);
  for (int64_t axis = 0; axis < o.axes; axis++) {
    counted = product(arguments, counted, o.sizes[axis]);
    largest += static_cast<double>(o.sizes[axis] - 1) * static_cast<double>(o.strides[axis]);
  }
  if (counted != rows) arguments.refuse("axes of " + std::to_string(rows) + " rows", std::to_string(counted));
  if (largest >= static_cast<double>(o.subsets) && o.firstChannel < o.channels)
    arguments.refuse("subsets below " + std::to_string(o.subsets), std::to_string(largest));
}

void* readFloats(Arguments& arguments, const char* name, int64_t size, bool isDouble) {
  if (isDouble) return arguments.array<double>(name, size);
  return arguments.array<float>(name, size);
}

// (geometry, prediction, target, mask, labels, annotated, channelFactors, factoredSubsets, …); those from mask on may be null.
Overlap readOverlap(Arguments& arguments) {
  Overlap o{};
  readGeometry(arguments, o);
  const int64_t rows = o.batch * o.voxels;
  const int64_t size = rows * o.channels;
  o.isDouble = arguments.nextKind("prediction") == napi_float64_array;
  o.prediction = readFloats(arguments, "prediction", size, o.isDouble);
  o.hasByteTarget = arguments.nextKind("target") == napi_uint8_array;
  o.target = o.hasByteTarget ? arguments.array<uint8_t>("target", size)
                             : readFloats(arguments, "target", size, o.isDouble);
  if (!arguments.nextIsNothing()) {
    int64_t length = 0;
    o.mask = arguments.array<uint8_t>("mask", rows, length);
    if (length != rows && length != size) {
      arguments.refuse("mask with one value a voxel or an element", std::to_string(length));
    }
    o.maskChannels = length == rows ? 1 : o.channels;
  } else {
    o.mask = arguments.optionalArray<uint8_t>("mask", 0);
  }
  o.labels = arguments.optionalArray<int32_t>("labels", size);
  o.annotated = arguments.optionalArray<uint8_t>("annotated", o.batch * o.channels);
  o.channelFactors = arguments.optionalArray<double>("channelFactors", o.channels);
  o.factoredSubsets = arguments.optionalArray<uint8_t>("factoredSubsets", o.subsets);
  if ((o.axes == 0) != (o.labels != nullptr)) arguments.refuse("either axes or labels", "both or neither");
  return o;
}

// (…, sums, counts)
void overlapStatistics(Arguments& arguments) {
  const Overlap o = readOverlap(arguments);
  double* sums = arguments.array<double>("sums", product(arguments, o.sums(), o.subsets));
  double* counts = arguments.array<double>("counts", o.subsets);
  kernels().overlapStatistics(o, sums, counts);
}

// (…, partials, predictionOut or null, targetOut or null)
void overlapGradient(Arguments& arguments) {
  const Overlap o = readOverlap(arguments);
  const int64_t size = o.batch * o.voxels * o.channels;
  const double* partials = arguments.array<double>("partials", product(arguments, o.sums(), o.subsets));
  void* outs[2] = {nullptr, nullptr};
  const char* const names[2] = {"predictionOut", "targetOut"};
  for (int k = 0; k < 2; k++) {
    outs[k] = arguments.nextIsNothing() ? arguments.optionalArray<float>(names[k], 0)
                                        : readFloats(arguments, names[k], size, o.isDouble);
  }
  kernels().overlapGradient(o, partials, outs[0], outs[1]);
}

}  // namespace

void defineOverlap(napi_env env, napi_value exports) {
  define<overlapStatistics>(env, exports, "overlapStatistics");
  define<overlapGradient>(env, exports, "overlapGradient");
}

}  // namespace phigrad
