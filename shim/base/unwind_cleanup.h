// A cleanup for where the frames here are left by pthread_exit or cancellation, which run no destructors in
// code without exceptions: function(argument) is called then, and only then. The macros of pthread.h would
// jump through functions that a program can take.
#pragma once

#include "base/real.h"

namespace axshim {

class UnwindCleanup {
 public:
  UnwindCleanup(void (*function)(void *), void *argument) {
    if (is_due_) libc::_pthread_cleanup_push(&buffer_, function, argument);
  }
  ~UnwindCleanup() {
    if (is_due_) libc::_pthread_cleanup_pop(&buffer_, 0);
  }
  UnwindCleanup(const UnwindCleanup &) = delete;
  UnwindCleanup &operator=(const UnwindCleanup &) = delete;

 private:
  const bool is_due_{libc::_pthread_cleanup_push};  // a process without threads may have no such function
  _pthread_cleanup_buffer buffer_;
};

}  // namespace axshim
