#pragma once

#include <stdint.h>
#include <time.h>

namespace axshim {

// CLOCK_MONOTONIC in nanoseconds; no system call where there is a vDSO. Signal-safe.
inline int64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}

}  // namespace axshim
