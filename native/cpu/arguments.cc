// The checks of arguments.h, and what they say.
#include "arguments.h"

#include <cmath>

namespace phigrad {
namespace {

const char* nameOf(napi_typedarray_type kind) {
  switch (kind) {
    case napi_float32_array: return "Float32Array";
    case napi_float64_array: return "Float64Array";
    case napi_int32_array: return "Int32Array";
    case napi_uint8_array: return "Uint8Array";
    default: return "typed array of another kind";
  }
}

}  // namespace

void Arguments::refuse(const std::string& expected, const std::string& got) const {
  throw Refusal{"[native." + std::string(function_) + "] expected " + expected + ", got " + got};
}

napi_value Arguments::next() {
  if (position_ >= count_ || position_ >= kMost) refuse("more arguments", std::to_string(count_));
  return values_[position_++];
}

bool Arguments::nextIsNothing() const {
  if (position_ >= count_ || position_ >= kMost) return true;
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, values_[position_], &type);
  return type == napi_null || type == napi_undefined;
}

napi_typedarray_type Arguments::nextKind(const char* name) const {
  napi_typedarray_type kind{};
  if (position_ >= count_ || position_ >= kMost ||
      napi_get_typedarray_info(env_, values_[position_], &kind, nullptr, nullptr, nullptr, nullptr) != napi_ok) {
    refuse(std::string(name) + " as a typed array", "something else");
  }
  return kind;
}

void* Arguments::typedArray(const char* name, napi_typedarray_type wanted, int64_t length, int64_t* actualLength) {
  napi_typedarray_type kind{};
  size_t found = 0;
  void* data = nullptr;
  const bool isArray = napi_get_typedarray_info(env_, next(), &kind, &found, &data, nullptr, nullptr) == napi_ok;
  if (!isArray || kind != wanted || static_cast<int64_t>(found) < length) {
    refuse(std::string(name) + " as a " + nameOf(wanted) + " of at least " + std::to_string(length) + " elements",
           isArray ? std::string("a ") + nameOf(kind) + " of " + std::to_string(found) : "something else");
  }
  if (actualLength != nullptr) *actualLength = static_cast<int64_t>(found);
  return data;
}

double Arguments::number(const char* name) {
  double value = 0;
  if (napi_get_value_double(env_, next(), &value) != napi_ok) refuse(std::string(name) + " as a number", "something else");
  return value;
}

int64_t Arguments::whole(const char* name, int64_t limit) {
  const double value = number(name);
  if (!(value >= 0 && value <= static_cast<double>(limit)) || value != std::floor(value)) {
    refuse(std::string(name) + " as a whole number up to " + std::to_string(limit), std::to_string(value));
  }
  return static_cast<int64_t>(value);
}

std::string Arguments::text(const char* name) {
  char buffer[64];
  size_t length = 0;
  if (napi_get_value_string_utf8(env_, next(), buffer, sizeof buffer, &length) != napi_ok) {
    refuse(std::string(name) + " as a string", "something else");
  }
  return std::string(buffer, length);
}

Numbers::Numbers(Arguments& arguments, const char* name, int64_t count)
    : arguments_(arguments), name_(name), values_(arguments.array<double>(name, count)), left_(count) {}

int64_t Numbers::next(int64_t least, int64_t most) {
  if (left_-- <= 0) arguments_.refuse(std::string(name_) + " with more numbers", "its end");
  const double value = *values_++;
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)) || value != std::floor(value)) {
    arguments_.refuse(std::string(name_) + " of whole numbers from " + std::to_string(least) + " to " +
                          std::to_string(most),
                      std::to_string(value));
  }
  return static_cast<int64_t>(value);
}

Triple Numbers::triple(int64_t least, int64_t most) {
  const int64_t x = next(least, most);
  const int64_t y = next(least, most);
  const int64_t z = next(least, most);
  return {x, y, z};
}

}  // namespace phigrad
