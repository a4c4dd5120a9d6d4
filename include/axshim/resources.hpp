// Part of axshim.hpp: what has to be given back, and threads that have to come to an end.
#pragma once

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <mutex>
#include <new>
#include <string>
#include <thread>

#include "at_exit.hpp"
#include "scopes.hpp"

namespace axshim {

// A resource that is held at most once, and released once for each time: by release(), at this object's end
// of life, or at that of the process. A fork child does not release what its parent holds.
class resource_guard {
 public:
  // acquire() tells whether it got it. With AXSHIM_SIGNAL_SAFE in `flags` a fatal signal releases it too:
  // where release() calls only what POSIX lists as async-signal-safe, and does not throw.
  resource_guard(std::string name, std::function<bool()> acquire, std::function<void()> release,
                 unsigned flags = 0)
      : name_(std::move(name)), acquire_(std::move(acquire)), release_(std::move(release)), flags_(flags) {}
  resource_guard(const resource_guard &) = delete;
  resource_guard &operator=(const resource_guard &) = delete;
  // What release() throws is reported on stderr; but a cancelled thread has to unwind through it.
  AXSHIM_HIDDEN_ ~resource_guard() noexcept(false) {
    detail::call_at_scope_end([this] { release(); });
  }

  // True if it is held now.
  AXSHIM_INLINE_ bool acquire() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (registration_.is_waiting() && owner_ == getpid()) return true;
    if (!acquire_()) return false;
    owner_ = getpid();
    try {
      registration_.begin({name_.c_str(), flags_}, run, this);
    } catch (...) {
      release_();
      throw;
    }
    return true;
  }

  // Nothing where it is not held.
  AXSHIM_HIDDEN_ void release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (registration_.end() && owner_ == getpid()) release_();
  }

 private:
  AXSHIM_HIDDEN_ static void run(void *argument) {
    auto *const self = static_cast<resource_guard *>(argument);
    const detail::Registration::Running running(self->registration_);
    detail::call_as_cleanup(self->release_);
  }

  const std::string name_;
  const std::function<bool()> acquire_;
  const std::function<void()> release_;
  const unsigned flags_;
  std::mutex mutex_;
  pid_t owner_ = 0;
  detail::Registration registration_;
};

// Waits for the thread when the process ends, for that long at most; then the record says that it was still
// running, and the process ends without it. The std::thread has to live until then; it may be joined before.
AXSHIM_INLINE_ void join_at_exit(std::thread &thread, std::chrono::nanoseconds timeout) {
  at_exit([&thread, timeout] {
    if (!thread.joinable() || thread.get_id() == std::this_thread::get_id()) return;
    // To where no destructor is called, which would end the process by std::terminate.
    alignas(std::thread) unsigned char place[sizeof(std::thread)];
    auto *const kept = new (place) std::thread(std::move(thread));
    timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    until.tv_sec += static_cast<std::time_t>(seconds.count());
    until.tv_nsec += static_cast<long>((timeout - seconds).count());
    if (until.tv_nsec >= 1'000'000'000) {
      until.tv_nsec -= 1'000'000'000;
      ++until.tv_sec;
    }
    if (pthread_clockjoin_np(kept->native_handle(), nullptr, CLOCK_MONOTONIC, &until) != 0)
      axshim_fail("the thread is still running");
  });
}

}  // namespace axshim
