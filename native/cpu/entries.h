// Every family of entry points adds its functions to the module's exports.
#pragma once
#include <node_api.h>

namespace phigrad {

void defineConvolution(napi_env env, napi_value exports);
void defineElementwise(napi_env env, napi_value exports);
void defineReduce(napi_env env, napi_value exports);
void defineStrided(napi_env env, napi_value exports);
void defineVolumes(napi_env env, napi_value exports);
void defineOverlap(napi_env env, napi_value exports);
void defineOptimizer(napi_env env, napi_value exports);

}  // namespace phigrad
