// What an entry point reads from JavaScript: typed arrays with their dtype and length checked, whole numbers, options.
// Shape rules live in TypeScript; what is refused here could otherwise read or write outside a buffer. Raw N-API, since a
// checked typed array costs half of what it does through the C++ wrapper.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "geometry.h"

namespace phigrad {

// Becomes a TypeError: `[native.conv3d] expected weight as a Float32Array of at least 216 elements, got a Float64Array of 8`.
struct Refusal {
  std::string message;
};

class Arguments {
 public:
  static constexpr size_t kMost = 16;

  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    void* data = nullptr;
    napi_get_cb_info(env, info, &count_, values_, nullptr, &data);
    function_ = static_cast<const char*>(data);
  }

  // The next argument as a typed array of T (float, double, int32_t, uint8_t) of at least `length` elements.
  template <typename T>
  T* array(const char* name, int64_t length) {
    return static_cast<T*>(typedArray(name, kindOf<T>(), length, nullptr));
  }

  // The same, telling how many elements it has.
  template <typename T>
  T* array(const char* name, int64_t length, int64_t& actualLength) {
    return static_cast<T*>(typedArray(name, kindOf<T>(), length, &actualLength));
  }

  // The same, or null where the argument is null or undefined.
  template <typename T>
  T* optionalArray(const char* name, int64_t length) {
    return nextIsNothing() ? (position_++, nullptr) : array<T>(name, length);
  }

  bool nextIsNothing() const;
  // The typed array type of the next argument; refuses what is none.
  napi_typedarray_type nextKind(const char* name) const;
  double number(const char* name);
  // A whole number in [0, limit].
  int64_t whole(const char* name, int64_t limit);
  std::string text(const char* name);

  napi_env env() const { return env_; }
  void returns(napi_value value) { result_ = value; }
  napi_value result() const { return result_; }
  const char* function() const { return function_; }

  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const;

 private:
  template <typename T>
  static constexpr napi_typedarray_type kindOf() {
    if constexpr (std::is_same_v<T, float>) return napi_float32_array;
    else if constexpr (std::is_same_v<T, double>) return napi_float64_array;
    else if constexpr (std::is_same_v<T, int32_t>) return napi_int32_array;
    else {
      static_assert(std::is_same_v<T, uint8_t>);
      return napi_uint8_array;
    }
  }

  napi_value next();
  void* typedArray(const char* name, napi_typedarray_type wanted, int64_t length, int64_t* actualLength);

  napi_env env_;
  napi_value values_[kMost] = {};
  size_t count_ = kMost;
  size_t position_ = 0;
  napi_value result_ = nullptr;
  const char* function_ = "";
};

// The numbers of a geometry, which TypeScript passes as one Float64Array: whole, from −2⁵³ to 2⁵³, read in order.
class Numbers {
 public:
  Numbers(Arguments& arguments, const char* name, int64_t count);

  // The next one, in [least, most].
  int64_t next(int64_t least, int64_t most = kMost);
  Triple triple(int64_t least, int64_t most = kMost);

  static constexpr int64_t kMost = int64_t{1} << 40;

 private:
  const Arguments& arguments_;
  const char* name_;
  const double* values_;
  int64_t left_;
};

// a·b·…, refused where the product passes 2⁵³: no buffer is that long.
template <typename... Sizes>
int64_t product(const Arguments& arguments, Sizes... sizes) {
  double total = 1;
  ((total *= static_cast<double>(sizes)), ...);
  if (total > 9007199254740992.0) arguments.refuse("sizes whose product is below 2^53", std::to_string(total));
  return (int64_t{1} * ... * static_cast<int64_t>(sizes));
}

inline int64_t volume(const Arguments& arguments, const Triple& t) { return product(arguments, t.x, t.y, t.z); }

template <void (*Entry)(Arguments&)>
napi_value call(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  try {
    Entry(arguments);
    return arguments.result();
  } catch (const Refusal& refusal) {
    napi_throw_type_error(env, nullptr, refusal.message.c_str());
  } catch (const std::bad_alloc&) {
    napi_throw_error(env, nullptr, "[native] out of memory");
  }
  return nullptr;
}

// exports[name] = Entry.
template <void (*Entry)(Arguments&)>
void define(napi_env env, napi_value exports, const char* name) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, call<Entry>, const_cast<char*>(name), &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace phigrad
