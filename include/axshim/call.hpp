// Part of axshim.hpp: a callable with its arguments, and what becomes of an exception that it throws.
#pragma once

#ifndef __cpp_exceptions
#error "axshim.hpp needs exceptions; axshim.h does without"
#endif

#include <cxxabi.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "axshim.h"

// For what leads to axshim_register: the record names the function that it is called from.
#define AXSHIM_INLINE_ __attribute__((always_inline)) inline
// For all else that leads to axshim.h, whose functions each program and library has for itself: so those that
// call them must not come from another one.
#define AXSHIM_HIDDEN_ __attribute__((visibility("hidden")))

namespace axshim {
namespace detail {

[[noreturn]] inline void throw_errno(const char *what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// It is called once: its arguments go as rvalues where the function takes them so, as std::thread does it.
template <class Function, class... Arguments>
struct Call {
  Function function;
  std::tuple<Arguments...> arguments;

  void operator()() {
    std::apply(
        [this](Arguments &...bound) {
          if constexpr (std::is_invocable_v<Function &, Arguments...>)
            static_cast<void>(std::invoke(function, std::move(bound)...));
          else
            static_cast<void>(std::invoke(function, bound...));
        },
        arguments);
  }
};

template <class Function, class... Arguments>
auto bind(Function &&function, Arguments &&...arguments) {
  return Call<std::decay_t<Function>, std::decay_t<Arguments>...>{
      std::forward<Function>(function),
      std::tuple<std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...)};
}

// What the record shows as the cleanup's function: where that is a plain one, itself; else what is
// registered, whose symbol tells the type of what it calls.
struct Name {
  const char *name;
  unsigned flags;
};
template <class Function>
Name name_of(const Function &function) {
  if constexpr (std::is_pointer_v<Function> && std::is_function_v<std::remove_pointer_t<Function>>)
    return {reinterpret_cast<const char *>(function), AXSHIM_NAMED_BY_CODE_};
  else
    return {nullptr, 0};
}
template <class Function, class... Arguments>
Name name_of(const Call<Function, Arguments...> &call) {
  return name_of(call.function);
}

// "std::runtime_error: text" of the exception that is being handled. Without the heap: there may be none
// left.
class CurrentError {
 public:
  CurrentError() noexcept {
    const std::type_info *type = abi::__cxa_current_exception_type();
    char *name = type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr) : nullptr;
    const char *shown = name != nullptr ? name : type != nullptr ? type->name() : "unknown exception";
    try {
      throw;
    } catch (const std::exception &error) {
      std::snprintf(text_, sizeof text_, "%s: %s", shown, error.what());
    } catch (...) {
      std::snprintf(text_, sizeof text_, "%s", shown);
    }
    std::free(name);
  }
  const char *text() const { return text_; }

 private:
  char text_[512];
};

// Calls it, and found() inside the handler of what it throws. A thread that is cancelled, or calls
// pthread_exit, goes on unwinding.
template <class Callable, class Found>
void call_catching(Callable &callable, Found found) {
  try {
    callable();
  } catch (abi::__forced_unwind &) {
    throw;
  } catch (...) {
    found();
  }
}

// Where run() wants the last exception. One for all libraries of a process, but not by `inline`: such a
// variable would keep the library that defines it from being unloaded.
__attribute__((weak)) thread_local std::exception_ptr *last_error = nullptr;

// As a cleanup, which fails by an exception.
template <class Callable>
AXSHIM_HIDDEN_ void call_as_cleanup(Callable &callable) {
  call_catching(callable, [] {
    if (last_error != nullptr) *last_error = std::current_exception();
    axshim_fail(CurrentError().text());
  });
}

// At the end of a scope, which no exception may leave.
template <class Callable>
void call_at_scope_end(Callable &&callable) {
  call_catching(callable,
                [] { std::fprintf(stderr, "axshim: cleanup failed: %s\n", CurrentError().text()); });
}

}  // namespace detail
}  // namespace axshim
