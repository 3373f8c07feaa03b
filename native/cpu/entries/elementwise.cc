// Entry points of the elementwise kernels.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

// (x, parameter, out); out says how many elements.
template <UnaryOp op>
void unary(Arguments& arguments) {
  int64_t available = 0, count = 0;
  const float* x = arguments.array<float>("x", 0, available);
  const float parameter = static_cast<float>(arguments.number("parameter"));
  float* out = arguments.array<float>("out", 0, count);
  if (available < count) {
    arguments.refuse("x of at least " + std::to_string(count) + " elements", std::to_string(available));
  }
  kernels().unary(op, x, parameter, count, out);
}

}  // namespace

void defineElementwise(napi_env env, napi_value exports) {
  define<unary<UnaryOp::neg>>(env, exports, "neg");
  define<unary<UnaryOp::exp>>(env, exports, "exp");
  define<unary<UnaryOp::log>>(env, exports, "log");
  define<unary<UnaryOp::sqrt>>(env, exports, "sqrt");
  define<unary<UnaryOp::sigmoid>>(env, exports, "sigmoid");
  define<unary<UnaryOp::relu>>(env, exports, "relu");
  define<unary<UnaryOp::leakyRelu>>(env, exports, "leakyRelu");
  define<unary<UnaryOp::abs>>(env, exports, "abs");
}

}  // namespace phigrad
