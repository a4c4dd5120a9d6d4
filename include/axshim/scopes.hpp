// Part of axshim.hpp: cleanups that belong to a scope, and run when the process ends inside it. A scope that
// a fork child leaves runs them too, as it runs any destructor; a fork child that ends inside does not.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "call.hpp"

namespace axshim {
namespace detail {

AXSHIM_HIDDEN_ inline bool is_running(axshim_id id) {
  const auto is_it = [](const axshim_info *info, void *wanted) {
    const bool is_running = std::strcmp(info->outcome, "running") == 0;
    return is_running && info->id == *static_cast<axshim_id *>(wanted) ? 1 : 0;
  };
  return axshim_list(is_it, &id) == 1;
}

// That of an object that may end before the process does: on this thread, while another one ends the process.
class Registration {
 public:
  // What run() begins with. Threads are known by where their errno is.
  class Running {
   public:
    explicit Running(Registration &registration) : registration_(registration) {
      registration_.runner_ = &errno;
    }
    ~Running() { registration_.runner_ = &registration_; }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

   private:
    Registration &registration_;
  };

  Registration() = default;
  Registration(const Registration &) = delete;
  Registration &operator=(const Registration &) = delete;

  AXSHIM_INLINE_ void begin(Name name, void (*run)(void *), void *object) {
    runner_.store(nullptr, std::memory_order_relaxed);  // the registration publishes it
    id_ = axshim_register(name.name, run, object, name.flags);
    if (id_ == 0) throw_errno("axshim_register");
  }

  bool is_waiting() const { return id_ != 0 && runner_ == nullptr; }

  // Afterwards no other thread is in run(), or comes to it. True, once, if it is the caller's now to do what
  // run() has not done.
  AXSHIM_HIDDEN_ bool end() {
    const axshim_id id = std::exchange(id_, 0);
    if (id == 0) return false;
    if (axshim_unregister(id) == 0) return true;
    while (is_running_elsewhere(id)) sched_yield();
    return runner_ == nullptr;
  }

 private:
  // The preload alone knows of those that have not come to run() yet, or were jumped out of it.
  AXSHIM_HIDDEN_ bool is_running_elsewhere(axshim_id id) const {
    const void *runner = runner_;
    if (runner == &errno || runner == this) return false;
    return axshim_active() != 0 ? is_running(id) : runner != nullptr;
  }

  axshim_id id_ = 0;
  std::atomic<const void *> runner_{nullptr};  // of run(); this object when that has returned
};

}  // namespace detail

// What defer() returns: calls the function at its end of life, or when the process ends before. Once.
template <class Function>
class [[nodiscard]] guard {
 public:
  AXSHIM_INLINE_ explicit guard(Function fn) : fn_(std::move(fn)) {
    registration_.begin(detail::name_of(fn_), run, this);
  }
  guard(const guard &) = delete;
  guard &operator=(const guard &) = delete;
  // What it throws is reported on stderr; but a cancelled thread has to unwind through it.
  AXSHIM_HIDDEN_ ~guard() noexcept(false) {
    if (registration_.end()) detail::call_at_scope_end(fn_);
  }

  // Forgets it.
  AXSHIM_HIDDEN_ void release() { registration_.end(); }

 private:
  AXSHIM_HIDDEN_ static void run(void *argument) {
    auto *const self = static_cast<guard *>(argument);
    const detail::Registration::Running running(self->registration_);
    detail::call_as_cleanup(self->fn_);
  }

  Function fn_;
  detail::Registration registration_;
};

// Calls fn(args...), bound by value, at the end of the scope that holds the guard, or of the process.
template <class Function, class... Arguments>
AXSHIM_INLINE_ auto defer(Function &&fn, Arguments &&...args) {
  if constexpr (sizeof...(Arguments) == 0) {
    return guard<std::decay_t<Function>>(std::forward<Function>(fn));
  } else {
    using Bound = decltype(detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
    return guard<Bound>(detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
  }
}

// Callbacks and objects that are undone together, newest first: at close(), at the end of its life, or of the
// process. One thread at a time.
class exit_stack {
 public:
  exit_stack() = default;
  exit_stack(exit_stack &&other) noexcept : steps_(std::exchange(other.steps_, {})) {}
  exit_stack &operator=(exit_stack &&other) noexcept(false) {
    exit_stack taken(std::move(other));  // what this one had is undone with it
    steps_.swap(taken.steps_);
    return *this;
  }
  // What they throw is reported on stderr; but a cancelled thread has to unwind through it.
  ~exit_stack() noexcept(false) {
    while (!steps_.empty()) detail::call_at_scope_end([this] { pop()->undo(); });
  }

  template <class Function, class... Arguments>
  AXSHIM_INLINE_ void callback(Function &&fn, Arguments &&...args) {
    if constexpr (sizeof...(Arguments) == 0)
      push(std::decay_t<Function>(std::forward<Function>(fn)));
    else
      push(detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
  }

  // Takes the object over, and destroys it in its turn.
  template <class Object>
  AXSHIM_INLINE_ std::decay_t<Object> &enter(Object &&object) {
    return *push(held<std::decay_t<Object>>{std::forward<Object>(object)}).object;
  }

  // Leaves this one empty.
  [[nodiscard]] exit_stack pop_all() { return exit_stack(std::move(*this)); }

  // Undoes all, now; when all are done, throws the last exception again.
  void close() {
    std::exception_ptr last;
    while (!steps_.empty()) {
      const auto undo = [this] { pop()->undo(); };
      detail::call_catching(undo, [&last] { last = std::current_exception(); });
    }
    if (last) std::rethrow_exception(last);
  }

 private:
  struct step {
    virtual ~step() = default;
    virtual void undo() = 0;
  };

  // Registered by itself: one that calls exit, or hangs, costs itself alone.
  template <class Callable>
  class AXSHIM_HIDDEN_ step_of final : public step {
   public:
    AXSHIM_INLINE_ explicit step_of(Callable callable) : call(std::move(callable)) {
      registration_.begin(detail::name_of(this->call), run, this);
    }
    void undo() override {
      if (registration_.end()) call();
    }

    Callable call;

   private:
    static void run(void *argument) {
      auto *const self = static_cast<step_of *>(argument);
      const detail::Registration::Running running(self->registration_);
      detail::call_as_cleanup(self->call);
    }

    detail::Registration registration_;
  };

  template <class Object>
  struct held {
    std::optional<Object> object;
    void operator()() { object.reset(); }
  };

  template <class Callable>
  AXSHIM_INLINE_ Callable &push(Callable callable) {
    steps_.emplace_back();
    try {
      auto *const made = new step_of<Callable>(std::move(callable));
      steps_.back().reset(made);
      return made->call;
    } catch (...) {
      steps_.pop_back();
      throw;
    }
  }

  std::unique_ptr<step> pop() {
    std::unique_ptr<step> newest = std::move(steps_.back());
    steps_.pop_back();
    return newest;
  }

  std::vector<std::unique_ptr<step>> steps_;
};

}  // namespace axshim
