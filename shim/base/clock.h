// Clocks without libc's clock_gettime, which a library that is not set up yet when ours starts may interpose.
#pragma once

#include <stdint.h>
#include <time.h>

namespace axshim {

// By the vDSO where there is one: no system call. Signal-safe.
timespec read_clock(clockid_t clock);

inline int64_t in_ns(const timespec &time) { return time.tv_sec * 1'000'000'000ll + time.tv_nsec; }

// CLOCK_MONOTONIC in nanoseconds. Signal-safe.
inline int64_t monotonic_ns() { return in_ns(read_clock(CLOCK_MONOTONIC)); }

}  // namespace axshim
