// Entry points of the optimizers' kernels.
#include "../arguments.h"
#include "../dispatch.h"
#include "../entries.h"

namespace phigrad {
namespace {

// (parameter, gradient, firstMoment, secondMoment, [learningRate, beta1, beta2, epsilon, weightDecay, step])
void adamStep(Arguments& arguments) {
  int64_t count = 0;
  float* parameter = arguments.array<float>("parameter", 0, count);
  const float* gradient = arguments.array<float>("gradient", count);
  float* firstMoment = arguments.array<float>("firstMoment", count);
  float* secondMoment = arguments.array<float>("secondMoment", count);
  const double* o = arguments.array<double>("options", 6);
  const AdamStep options = {o[0], o[1], o[2], o[3], o[4], o[5]};
  if (!(options.step >= 1 && options.step <= 9007199254740992.0)) {
    arguments.refuse("a step from 1 on", std::to_string(options.step));
  }
  kernels().adamStep(parameter, gradient, firstMoment, secondMoment, count, options);
}

}  // namespace

void defineOptimizer(napi_env env, napi_value exports) { define<adamStep>(env, exports, "adamStep"); }

}  // namespace phigrad
