// A cleanup for where the frames here are left by pthread_exit or cancellation, which run no destructors in
// code without exceptions: function(argument) is called then, and only then. The macros of pthread.h would
// jump through functions that a program can take.
#pragma once

#include "base/real.h"

namespace axshim {

class UnwindCleanup {
 public:
  UnwindCleanup(void (*function)(void *), void *argument) {
    libc::_pthread_cleanup_push(&buffer_, function, argument);
  }
  ~UnwindCleanup() { libc::_pthread_cleanup_pop(&buffer_, 0); }
  UnwindCleanup(const UnwindCleanup &) = delete;
  UnwindCleanup &operator=(const UnwindCleanup &) = delete;

 private:
  _pthread_cleanup_buffer buffer_;
};

}  // namespace axshim
