// Entry points that read strided operands: elementwise on two or three, copies, padding. A geometry holds the number of axes, the
// sizes, and one row of strides for each operand.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

struct Shape {
  int64_t axes, count;
  int64_t sizes[kMostAxes];
};

Shape readShape(Arguments& arguments, Numbers& numbers) {
  Shape shape{};
  shape.axes = numbers.next(0, kMostAxes);
  shape.count = 1;
  for (int64_t axis = 0; axis < kMostAxes; axis++) shape.sizes[axis] = numbers.next(0);
  for (int64_t axis = 0; axis < shape.axes; axis++) shape.count = product(arguments, shape.count, shape.sizes[axis]);
  return shape;
}

// The shape with one operand's strides; neighbouring axes that it crosses evenly become one.
Strided readStrides(const Shape& shape, Numbers& numbers) {
  Strided s{};
  for (int64_t axis = 0; axis < kMostAxes; axis++) {
    const int64_t stride = numbers.next(-Numbers::kMost);
    const int64_t size = axis < shape.axes ? shape.sizes[axis] : 1;
    if (size == 1) continue;
    if (s.axes > 0 && s.strides[s.axes - 1] == stride * size) {
      s.sizes[s.axes - 1] *= size;
    } else {
      s.sizes[s.axes++] = size;
    }
    s.strides[s.axes - 1] = stride;
  }
  if (s.axes == 0) {
    s.axes = 1;
    s.sizes[0] = 1;
    s.strides[0] = 0;
  }
  return s;
}

// Refuses an operand that would reach beyond the `length` elements of its array, from element `offset` on.
void checkReach(const Arguments& arguments, const char* name, const Shape& shape, const Strided& s, int64_t offset,
                int64_t length) {
  double least = static_cast<double>(offset), most = least;
  for (int64_t axis = 0; axis < s.axes; axis++) {
    const double reach = static_cast<double>(s.sizes[axis] - 1) * static_cast<double>(s.strides[axis]);
    (reach < 0 ? least : most) += reach;
  }
  if (shape.count > 0 && (least < 0 || most >= static_cast<double>(length))) {
    arguments.refuse(std::string(name) + " with elements " + std::to_string(least) + " to " + std::to_string(most),
                     std::to_string(length) + " elements");
  }
}

// Takes an array and the offset in it of the operand's first element.
template <typename T>
void takeData(Arguments& arguments, const char* name, const Shape& shape, Strided& s) {
  int64_t length = 0;
  T* data = arguments.array<T>(name, 0, length);
  const int64_t offset = arguments.whole("offset", Numbers::kMost);
  checkReach(arguments, name, shape, s, offset, length);
  s.data = data + offset;
}

struct Operands {
  Shape shape;
  Strided a, b;
};

Operands readOperands(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 1 + 3 * kMostAxes);
  Operands o;
  o.shape = readShape(arguments, numbers);
  o.a = readStrides(o.shape, numbers);
  o.b = readStrides(o.shape, numbers);
  takeData<float>(arguments, "a", o.shape, o.a);
  takeData<float>(arguments, "b", o.shape, o.b);
  return o;
}

// (geometry, a, aOffset, b, bOffset, out)
template <BinaryOp op>
void binary(Arguments& arguments) {
  const Operands o = readOperands(arguments);
  float* out = arguments.array<float>("out", o.shape.count);
  if (o.shape.count > 0) kernels().binary(op, o.a, o.b, o.shape.count, out);
}

// (geometry, a, aOffset, b, bOffset, out: Uint8Array)
template <Comparison op>
void compare(Arguments& arguments) {
  const Operands o = readOperands(arguments);
  uint8_t* out = arguments.array<uint8_t>("out", o.shape.count);
  if (o.shape.count > 0) kernels().compare(op, o.a, o.b, o.shape.count, out);
}

// (geometry, condition, conditionOffset, a, aOffset, b, bOffset, out)
void where(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 1 + 4 * kMostAxes);
  const Shape shape = readShape(arguments, numbers);
  Strided condition = readStrides(shape, numbers), a = readStrides(shape, numbers), b = readStrides(shape, numbers);
  takeData<uint8_t>(arguments, "condition", shape, condition);
  takeData<float>(arguments, "a", shape, a);
  takeData<float>(arguments, "b", shape, b);
  float* out = arguments.array<float>("out", shape.count);
  if (shape.count > 0) kernels().where(condition, a, b, shape.count, out);
}

template <typename T>
void copyOf(Arguments& arguments, const Shape& shape, Strided& x) {
  takeData<T>(arguments, "x", shape, x);
  T* out = arguments.array<T>("out", shape.count);
  if (shape.count > 0) kernels().copy(x, sizeof(T), shape.count, out);
}

// (geometry, x, offset, out); any of the four kinds of array.
void copy(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 1 + 2 * kMostAxes);
  const Shape shape = readShape(arguments, numbers);
  Strided x = readStrides(shape, numbers);
  switch (arguments.nextKind("x")) {
    case napi_float32_array: return copyOf<float>(arguments, shape, x);
    case napi_float64_array: return copyOf<double>(arguments, shape, x);
    case napi_int32_array: return copyOf<int32_t>(arguments, shape, x);
    default: return copyOf<uint8_t>(arguments, shape, x);
  }
}

// (geometry of x in out, x, value, out, offset)
void pad(Arguments& arguments) {
  Numbers numbers(arguments, "geometry", 1 + 2 * kMostAxes);
  const Shape shape = readShape(arguments, numbers);
  const Strided target = readStrides(shape, numbers);
  const float* x = arguments.array<float>("x", shape.count);
  const float value = static_cast<float>(arguments.number("value"));
  int64_t count = 0;
  float* out = arguments.array<float>("out", 0, count);
  const int64_t offset = arguments.whole("offset", Numbers::kMost);
  checkReach(arguments, "out", shape, target, offset, count);
  kernels().pad(x, target, offset, value, count, out);
}

}  // namespace

void defineStrided(napi_env env, napi_value exports) {
  define<binary<BinaryOp::add>>(env, exports, "add");
  define<binary<BinaryOp::sub>>(env, exports, "sub");
  define<binary<BinaryOp::mul>>(env, exports, "mul");
  define<binary<BinaryOp::div>>(env, exports, "div");
  define<binary<BinaryOp::pow>>(env, exports, "pow");
  define<binary<BinaryOp::minimum>>(env, exports, "minimum");
  define<binary<BinaryOp::maximum>>(env, exports, "maximum");
  define<compare<Comparison::equal>>(env, exports, "equal");
  define<compare<Comparison::notEqual>>(env, exports, "notEqual");
  define<compare<Comparison::less>>(env, exports, "less");
  define<compare<Comparison::lessEqual>>(env, exports, "lessEqual");
  define<compare<Comparison::greater>>(env, exports, "greater");
  define<compare<Comparison::greaterEqual>>(env, exports, "greaterEqual");
  define<where>(env, exports, "where");
  define<copy>(env, exports, "copy");
  define<pad>(env, exports, "pad");
}

}  // namespace phigrad
