// Entry points of reductions, sums over label maps, softmax, concatenation and casts.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

struct ReduceSizes {
  ReduceGeometry geometry;
  int64_t input, output;
};

ReduceSizes reduceSizes(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 3);
  ReduceSizes s;
  s.geometry.groups = numbers.next(0);
  s.geometry.length = numbers.next(0);
  s.geometry.width = numbers.next(1);
  s.input = product(arguments, s.geometry.groups, s.geometry.length, s.geometry.width);
  s.output = product(arguments, s.geometry.groups, s.geometry.width);
  return s;
}

void* eitherFloats(Arguments& arguments, const char* name, int64_t length, bool& isDouble) {
  isDouble = arguments.nextKind(name) == napi_float64_array;
  if (isDouble) return arguments.array<double>(name, length);
  return arguments.array<float>(name, length);
}

// ([groups, length, width], x, out), each Float32Array or Float64Array
void sum(Arguments& arguments) {
  const ReduceSizes s = reduceSizes(arguments);
  bool fromDouble = false, toDouble = false;
  const void* x = eitherFloats(arguments, "x", s.input, fromDouble);
  void* out = eitherFloats(arguments, "out", s.output, toDouble);
  kernels().sum(x, fromDouble, s.geometry, out, toDouble);
}

// ([groups, length, width], x, out)
template <bool largest>
void extremum(Arguments& arguments) {
  const ReduceSizes s = reduceSizes(arguments);
  const float* x = arguments.array<float>("x", s.input);
  float* out = arguments.array<float>("out", s.output);
  kernels().extremum(largest, x, s.geometry, out);
}

// (x, labels, out)
void segmentSum(Arguments& arguments) {
  int64_t count = 0, segments = 0;
  const float* x = arguments.array<float>("x", 0, count);
  const int32_t* labels = arguments.array<int32_t>("labels", count);
  float* out = arguments.array<float>("out", 0, segments);
  kernels().segmentSum(x, labels, count, segments, out);
}

// (x, labels, out)
void segmentExpand(Arguments& arguments) {
  int64_t count = 0, segments = 0;
  const float* x = arguments.array<float>("x", 0, segments);
  const int32_t* labels = arguments.array<int32_t>("labels", 0, count);
  float* out = arguments.array<float>("out", count);
  kernels().segmentExpand(x, labels, count, segments, out);
}

// (x, rows, classes, out)
void softmax(Arguments& arguments) {
  int64_t length = 0;
  const float* x = arguments.array<float>("x", 0, length);
  const int64_t rows = arguments.whole("rows", length);
  const int64_t classes = arguments.whole("classes", length);
  const int64_t count = product(arguments, rows, classes);
  if (count > length) arguments.refuse("x of " + std::to_string(count) + " elements", std::to_string(length));
  float* out = arguments.array<float>("out", count);
  if (count > 0) kernels().softmax(x, rows, classes, out);
}

// (x, blocks, length, start, step, out): block k of x goes to out[start + k·step]
void concatPart(Arguments& arguments) {
  int64_t available = 0, room = 0;
  const float* x = arguments.array<float>("x", 0, available);
  const int64_t blocks = arguments.whole("blocks", Numbers::kMost);
  const int64_t length = arguments.whole("length", Numbers::kMost);
  const int64_t start = arguments.whole("start", Numbers::kMost);
  const int64_t step = arguments.whole("step", Numbers::kMost);
  float* out = arguments.array<float>("out", 0, room);
  if (blocks == 0 || length == 0) return;
  const int64_t last = product(arguments, blocks - 1, step) + start + length;
  if (product(arguments, blocks, length) > available || last > room || (length > step && blocks > 1)) {
    arguments.refuse("blocks inside x and out", std::to_string(available) + " and " + std::to_string(room) + " elements");
  }
  kernels().concatPart(x, blocks, length, step, out + start);
}

template <typename From, typename To>
void castAs(Arguments& arguments, Cast conversion) {
  int64_t count = 0, available = 0;
  const From* x = arguments.array<From>("x", 0, available);
  To* out = arguments.array<To>("out", 0, count);
  if (available < count) arguments.refuse("x of " + std::to_string(count) + " elements", std::to_string(available));
  kernels().cast(conversion, x, count, out);
}

void floatToDouble(Arguments& arguments) { castAs<float, double>(arguments, Cast::floatToDouble); }
void doubleToFloat(Arguments& arguments) { castAs<double, float>(arguments, Cast::doubleToFloat); }
void byteToFloat(Arguments& arguments) { castAs<uint8_t, float>(arguments, Cast::byteToFloat); }
void floatToBool(Arguments& arguments) { castAs<float, uint8_t>(arguments, Cast::floatToBool); }

}  // namespace

void defineReduce(napi_env env, napi_value exports) {
  define<sum>(env, exports, "sum");
  define<extremum<true>>(env, exports, "max");
  define<extremum<false>>(env, exports, "min");
  define<segmentSum>(env, exports, "segmentSum");
  define<segmentExpand>(env, exports, "segmentExpand");
  define<softmax>(env, exports, "softmax");
  define<concatPart>(env, exports, "concatPart");
  define<floatToDouble>(env, exports, "floatToDouble");
  define<doubleToFloat>(env, exports, "doubleToFloat");
  define<byteToFloat>(env, exports, "byteToFloat");
  define<floatToBool>(env, exports, "floatToBool");
}

}  // namespace phigrad
