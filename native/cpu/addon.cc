// The module as JavaScript sees it: entry points of every family, and what it can be asked and told about itself.
// It keeps nothing per environment, so that any number of worker threads may load it.
#include <node_api.h>

#include "arguments.h"
#include "dispatch.h"
#include "entries.h"
#include "pool.h"

namespace phigrad {
namespace {

void isa(Arguments& arguments) {
  napi_value name = nullptr;
  napi_create_string_utf8(arguments.env(), kernels().isa, NAPI_AUTO_LENGTH, &name);
  arguments.returns(name);
}

void isaLevels(Arguments& arguments) {
  napi_value list = nullptr;
  napi_create_array(arguments.env(), &list);
  uint32_t count = 0;
  for (const KernelTable* const* table = availableTables(); *table != nullptr; table++) {
    napi_value name = nullptr;
    napi_create_string_utf8(arguments.env(), (*table)->isa, NAPI_AUTO_LENGTH, &name);
    napi_set_element(arguments.env(), list, count++, name);
  }
  arguments.returns(list);
}

void setIsa(Arguments& arguments) {
  const std::string wanted = arguments.text("level");
  if (!selectTable(wanted.c_str())) arguments.refuse("a level this machine has", "'" + wanted + "'");
}

void threads(Arguments& arguments) {
  napi_value count = nullptr;
  napi_create_int32(arguments.env(), threadCount(), &count);
  arguments.returns(count);
}

void setThreads(Arguments& arguments) { setThreadCount(static_cast<int>(arguments.whole("threads", 256))); }

}  // namespace
}  // namespace phigrad

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  using namespace phigrad;
  define<isa>(env, exports, "isa");
  define<isaLevels>(env, exports, "isaLevels");
  define<setIsa>(env, exports, "setIsa");
  define<threads>(env, exports, "threads");
  define<setThreads>(env, exports, "setThreads");
  defineConvolution(env, exports);
  defineElementwise(env, exports);
  defineReduce(env, exports);
  defineStrided(env, exports);
  defineVolumes(env, exports);
  defineOverlap(env, exports);
  defineOptimizer(env, exports);
  return exports;
}
