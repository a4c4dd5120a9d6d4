// Part of axshim.hpp: cleanups that belong to a scope, and run when the process ends inside it.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <thread>

#include "at_exit.hpp"

namespace axshim {

// What defer() returns: calls the function at its end of life, or when the process ends before. Once.
template <class Function>
class [[nodiscard]] guard {
 public:
  explicit guard(Function fn) : fn_(std::move(fn)), id_(axshim_register(nullptr, run_now, this, 0)) {
    if (id_ == 0) detail::throw_errno("axshim_register");
  }
  guard(const guard &) = delete;
  guard &operator=(const guard &) = delete;
  // What it throws is reported on stderr.
  ~guard() {
    if (pending_.load(std::memory_order_relaxed)) {
      axshim_unregister(id_);
      run();
    }
  }

  // Forgets it.
  void release() {
    if (pending_.exchange(false, std::memory_order_relaxed)) axshim_unregister(id_);
  }

 private:
  static void run_now(void *self) { static_cast<guard *>(self)->run(); }
  void run() {
    if (pending_.exchange(false, std::memory_order_relaxed)) detail::call_reporting(fn_);
  }

  Function fn_;
  std::atomic<bool> pending_{true};
  axshim_id id_;
};

// Calls fn(args...), bound by value, at the end of the scope that holds the guard, or of the process.
template <class Function, class... Arguments>
auto defer(Function &&fn, Arguments &&...args) {
  auto call = [fn = std::decay_t<Function>(std::forward<Function>(fn)),
               arguments = std::tuple<std::decay_t<Arguments>...>(
                   std::forward<Arguments>(args)...)]() mutable { std::apply(fn, arguments); };
  return guard<decltype(call)>(std::move(call));
}

// Callbacks and objects that are undone together, newest first: at close(), at the end of its life, or of the
// process.
class exit_stack {
 public:
  exit_stack() : cleanups_(std::make_unique<stack>()) {
    id_ = axshim_register(nullptr, close_all, cleanups_.get(), 0);
    if (id_ == 0) detail::throw_errno("axshim_register");
  }
  exit_stack(exit_stack &&other) noexcept
      : cleanups_(std::move(other.cleanups_)), id_(std::exchange(other.id_, 0)) {}
  exit_stack &operator=(exit_stack &&) = delete;
  // What they throw is reported on stderr.
  ~exit_stack() {
    if (cleanups_ == nullptr) return;
    axshim_unregister(id_);
    close_all(cleanups_.get());
  }

  template <class Function, class... Arguments>
  void callback(Function &&fn, Arguments &&...args) {
    push(detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
  }

  // Takes the object over, and destroys it in its turn.
  template <class Object>
  std::decay_t<Object> &enter(Object &&object) {
    auto owned = std::make_shared<std::decay_t<Object>>(std::forward<Object>(object));
    std::decay_t<Object> &result = *owned;
    push(detail::bind([owned]() mutable { owned.reset(); }));
    return result;
  }

  // Leaves this one empty.
  exit_stack pop_all() {
    exit_stack all;
    const std::scoped_lock lock(cleanups_->mutex, all.cleanups_->mutex);
    std::swap(all.cleanups_->list, cleanups_->list);
    return all;
  }

  // Undoes all, now; when all are done, throws the last exception again.
  void close() {
    std::exception_ptr last;
    while (const std::unique_ptr<detail::Cleanup> next = cleanups_->pop()) {
      try {
        next->call();
      } catch (const std::exception &) {
        last = std::current_exception();
      }
    }
    if (last) std::rethrow_exception(last);
  }

 private:
  struct stack {
    std::mutex mutex;
    std::vector<std::unique_ptr<detail::Cleanup>> list;

    std::unique_ptr<detail::Cleanup> pop() {
      const std::lock_guard<std::mutex> lock(mutex);
      if (list.empty()) return nullptr;
      std::unique_ptr<detail::Cleanup> newest = std::move(list.back());
      list.pop_back();
      return newest;
    }
  };

  static void close_all(void *argument) {
    auto *const all = static_cast<stack *>(argument);
    while (const std::unique_ptr<detail::Cleanup> next = all->pop())
      detail::call_reporting([&] { next->call(); });
  }
  void push(std::unique_ptr<detail::Cleanup> cleanup) {
    const std::lock_guard<std::mutex> lock(cleanups_->mutex);
    cleanups_->list.push_back(std::move(cleanup));
  }

  std::unique_ptr<stack> cleanups_;
  axshim_id id_ = 0;
};

// A resource that is acquired at most once, and then released once: by release(), at its end of life, or of
// the process.
class resource_guard {
 public:
  // acquire() tells whether it got it.
  resource_guard(std::string name, std::function<bool()> acquire, std::function<void()> release)
      : name_(std::move(name)), acquire_(std::move(acquire)), release_(std::move(release)) {}
  resource_guard(const resource_guard &) = delete;
  resource_guard &operator=(const resource_guard &) = delete;
  ~resource_guard() { release(); }

  // True if it is held now.
  bool acquire() {
    if (held_) return true;
    if (!acquire_()) return false;
    held_ = true;
    id_ = axshim_register(name_.c_str(), release_now, this, 0);
    if (id_ != 0) return true;
    const int why = errno;
    run();
    errno = why;
    detail::throw_errno("axshim_register");
  }

  void release() {
    axshim_unregister(id_);
    run();
  }

 private:
  static void release_now(void *self) { static_cast<resource_guard *>(self)->run(); }
  void run() {
    if (held_.exchange(false)) detail::call_reporting(release_);
  }

  std::string name_;
  std::function<bool()> acquire_;
  std::function<void()> release_;
  std::atomic<bool> held_{false};
  axshim_id id_ = 0;
};

// Waits for the thread when the process ends, for that long at most; then the record says that it was still
// running, and the process ends without it. The std::thread has to live until then; it may be joined before.
inline void join_at_exit(std::thread &thread, std::chrono::nanoseconds timeout) {
  at_exit([&thread, timeout] {
    if (!thread.joinable() || thread.get_id() == std::this_thread::get_id()) return;
    // Out of the hands of its destructor, which would end the process by std::terminate.
    auto *const kept = new std::thread(std::move(thread));
    timespec until;
    timespec_get(&until, TIME_UTC);
    const std::int64_t ns = until.tv_nsec + timeout.count();
    until.tv_sec += static_cast<std::time_t>(ns / 1'000'000'000);
    until.tv_nsec = static_cast<long>(ns % 1'000'000'000);
    if (pthread_timedjoin_np(kept->native_handle(), nullptr, &until) != 0)
      axshim_fail("the thread is still running");
  });
}

}  // namespace axshim
