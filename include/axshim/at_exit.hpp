// Part of axshim.hpp: cleanups that last until the process ends.
#pragma once

#include <cxxabi.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "axshim.h"

namespace axshim {
namespace detail {

[[noreturn]] inline void throw_errno(const char *what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// "std::runtime_error: text" of the exception that is being handled.
inline std::string current_error() {
  const std::type_info *type = abi::__cxa_current_exception_type();
  int status = -1;
  char *name = type != nullptr ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr;
  std::string text = status == 0 ? name : "unknown exception";
  std::free(name);
  try {
    throw;
  } catch (const std::exception &error) {
    text = text + ": " + error.what();
  } catch (...) {
  }
  return text;
}

// Where run() wants the last exception.
inline thread_local std::exception_ptr *last_error = nullptr;

// Calls it; an exception makes the running cleanup a failed one.
template <class Callable>
void call_reporting(Callable &&callable) {
  try {
    callable();
  } catch (abi::__forced_unwind &) {  // the thread is being cancelled
    throw;
  } catch (...) {
    if (last_error != nullptr) *last_error = std::current_exception();
    axshim_fail(current_error().c_str());
  }
}

// A callable with its arguments.
class Cleanup {
 public:
  virtual ~Cleanup() = default;
  virtual void call() = 0;
  // True if it calls that function; `function` points to an object of type `type`.
  virtual bool calls(const std::type_info &type, const void *function) const = 0;

  axshim_id id = 0;
};

template <class T, class = void>
struct IsComparable : std::false_type {};
template <class T>
struct IsComparable<
    T, std::void_t<decltype(static_cast<bool>(std::declval<const T &>() == std::declval<const T &>()))>>
    : std::true_type {};

template <class Function, class... Arguments>
class Bound final : public Cleanup {
 public:
  Bound(Function function, std::tuple<Arguments...> arguments)
      : function_(std::move(function)), arguments_(std::move(arguments)) {}
  void call() override {
    std::apply([this](Arguments &...arguments) { std::invoke(function_, arguments...); }, arguments_);
  }
  bool calls(const std::type_info &type, const void *function) const override {
    if constexpr (IsComparable<Function>::value)
      return type == typeid(Function) && *static_cast<const Function *>(function) == function_;
    return false;
  }

 private:
  Function function_;
  std::tuple<Arguments...> arguments_;
};

template <class Function, class... Arguments>
std::unique_ptr<Cleanup> bind(Function &&function, Arguments &&...arguments) {
  using Kind = Bound<std::decay_t<Function>, std::decay_t<Arguments>...>;
  return std::make_unique<Kind>(std::forward<Function>(function), std::tuple<std::decay_t<Arguments>...>(
                                                                      std::forward<Arguments>(arguments)...));
}

// Those that are registered, for unregister(). Never destroyed: cleanups run after static objects are gone.
struct Live {
  std::mutex mutex;
  std::vector<Cleanup *> cleanups;
};
inline Live &live() {
  static Live *const live = new Live;
  return *live;
}

// The one that was asked for is not there any more.
inline std::unique_ptr<Cleanup> take(const Cleanup *wanted) {
  Live &all = live();
  const std::lock_guard<std::mutex> lock(all.mutex);
  for (size_t i = all.cleanups.size(); i-- > 0;) {
    if (all.cleanups[i] != wanted) continue;
    all.cleanups.erase(all.cleanups.begin() + static_cast<std::ptrdiff_t>(i));
    return std::unique_ptr<Cleanup>(const_cast<Cleanup *>(wanted));
  }
  return nullptr;
}

inline void run_cleanup(void *argument) {
  call_reporting([&] {
    if (const std::unique_ptr<Cleanup> cleanup = take(static_cast<Cleanup *>(argument))) cleanup->call();
  });
}

// Null for no name.
inline axshim_id add(const char *name, std::unique_ptr<Cleanup> cleanup) {
  Live &all = live();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.cleanups.push_back(cleanup.get());
  cleanup->id = axshim_register(name, run_cleanup, cleanup.get(), 0);
  if (cleanup->id == 0) {
    all.cleanups.pop_back();
    throw_errno("axshim_register");
  }
  return cleanup.release()->id;
}

// How many there were.
template <class Chosen>
int forget(Chosen chosen) {
  Live &all = live();
  const std::lock_guard<std::mutex> lock(all.mutex);
  int count = 0;
  for (size_t i = all.cleanups.size(); i-- > 0;) {
    Cleanup *cleanup = all.cleanups[i];
    if (!chosen(*cleanup)) continue;
    all.cleanups.erase(all.cleanups.begin() + static_cast<std::ptrdiff_t>(i));
    if (axshim_unregister(cleanup->id) == 0) ++count;
    delete cleanup;
  }
  return count;
}

}  // namespace detail

// Calls fn(args...), bound by value, when the process ends. Returns fn.
template <class Function, class... Arguments>
std::decay_t<Function> at_exit(Function &&fn, Arguments &&...args) {
  std::decay_t<Function> result(fn);
  detail::add(nullptr, detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
  return result;
}

// Forgets all that at_exit was given with this function (or anything that compares equal to it); how many
// there were.
template <class Function>
int unregister(const Function &fn) {
  const std::decay_t<const Function> wanted(fn);
  return detail::forget(
      [&](const detail::Cleanup &cleanup) { return cleanup.calls(typeid(wanted), &wanted); });
}

// Runs and forgets all cleanups of the process, newest first. Each exception is reported on stderr; the last
// one is thrown again when all have run. Returns how many failed without one.
inline int run() {
  std::exception_ptr last, *const outer = std::exchange(detail::last_error, &last);
  const int failed = axshim_run();
  detail::last_error = outer;
  if (last) std::rethrow_exception(last);
  return failed;
}

inline void clear() {
  axshim_clear();
  detail::forget([](const detail::Cleanup &) { return true; });
}

inline std::size_t count() { return axshim_count(); }

// Named cleanups, of which it tells afterwards what became of them. They stay registered when it is
// destroyed.
class registry {
 public:
  struct entry {
    std::string name;
    bool ran = false;
    std::string error;  // empty unless it failed
    std::chrono::system_clock::time_point registered_at;
  };

  // Replaces the one of the same name.
  template <class Function, class... Arguments>
  void add(const std::string &name, Function &&fn, Arguments &&...args) {
    remove(name);
    auto kept = std::make_shared<item>();
    kept->facts.name = name;
    kept->facts.registered_at = std::chrono::system_clock::now();
    std::shared_ptr<detail::Cleanup> cleanup =
        detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...);
    const auto run = [kept, cleanup] {
      kept->facts.ran = true;
      try {
        cleanup->call();
      } catch (const std::exception &) {
        kept->facts.error = detail::current_error();
        throw;
      }
    };
    kept->id = detail::add(name.c_str(), detail::bind(run));
    const std::lock_guard<std::mutex> lock(mutex_);
    items_.push_back(kept);
  }

  // False where there is none of that name that waits.
  bool remove(const std::string &name) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (std::size_t i = items_.size(); i-- > 0;) {
      if (items_[i]->facts.name != name || items_[i]->facts.ran) continue;
      const axshim_id id = items_[i]->id;
      items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(i));
      return detail::forget([id](const detail::Cleanup &cleanup) { return cleanup.id == id; }) != 0;
    }
    return false;
  }

  // In the order of registration.
  std::vector<entry> report() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<entry> facts;
    for (const auto &kept : items_) facts.push_back(kept->facts);
    return facts;
  }

 private:
  struct item {
    entry facts;
    axshim_id id = 0;
  };

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<item>> items_;
};

}  // namespace axshim
