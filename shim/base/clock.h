#pragma once

#include <stdint.h>
#include <time.h>

#include "base/sys.h"
#include "process.h"

namespace axshim {

// By a system call: libc's clock_gettime may be interposed by a library that is not set up yet when ours
// starts. But where a seccomp filter allows none the vDSO has to do. Signal-safe.
inline timespec read_clock(clockid_t clock) {
  timespec now = {};
  if (process.quiet) {
    clock_gettime(clock, &now);
  } else {
    sys::call(SYS_clock_gettime, clock, sys::arg(&now));
  }
  return now;
}

// CLOCK_MONOTONIC in nanoseconds. Signal-safe.
inline int64_t monotonic_ns() {
  const timespec now = read_clock(CLOCK_MONOTONIC);
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}

}  // namespace axshim
