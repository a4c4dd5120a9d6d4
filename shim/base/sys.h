// System calls without libc: they leave errno alone, cannot be interposed (libc's own entry points may be
// ours) and return the kernel's answer, -errno on error. Everything here is signal-safe.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace axshim::sys {

#if defined(__x86_64__)
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "axshim knows the system call convention of x86-64 and aarch64 only"
#endif

inline long arg(const void *pointer) { return reinterpret_cast<long>(pointer); }

inline int getpid() { return static_cast<int>(call(SYS_getpid)); }
inline int gettid() { return static_cast<int>(call(SYS_gettid)); }
inline int openat(int dir, const char *path, int flags, unsigned mode = 0) {
  return static_cast<int>(call(SYS_openat, dir, arg(path), flags, mode));
}
inline int open(const char *path, int flags, unsigned mode = 0) {
  return openat(AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY, mode);
}
inline int close(int fd) { return static_cast<int>(call(SYS_close, fd)); }
inline long read(int fd, void *buffer, size_t size) { return call(SYS_read, fd, arg(buffer), size); }
inline long write(int fd, const void *buffer, size_t size) { return call(SYS_write, fd, arg(buffer), size); }
inline int fstat(int fd, struct stat *status) { return static_cast<int>(call(SYS_fstat, fd, arg(status))); }
inline int fstatat(int directory, const char *path, struct stat *status, int flags) {
  return static_cast<int>(call(SYS_newfstatat, directory, arg(path), arg(status), flags));
}

// Signal sets and actions as the kernel has them.
constexpr uint64_t signal_bit(int signal) { return uint64_t{1} << (signal - 1); }
inline constexpr uint64_t kAllSignals = ~uint64_t{0};
// What the processor raises, on the thread that is at fault.
inline constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
constexpr uint64_t fault_signals() {
  uint64_t set = 0;
  for (int fault : kFaults) set |= signal_bit(fault);
  return set;
}
inline void change_mask(int how, uint64_t set, uint64_t *before = nullptr) {
  call(SYS_rt_sigprocmask, how, arg(&set), arg(before), sizeof set);
}
struct Action {
  void (*handler)(int) = nullptr;  // SIG_DFL
  unsigned long flags = 0;
  void (*restorer)() = nullptr;
  uint64_t mask = 0;
};
inline void change_action(int signal, const Action &action, Action *before = nullptr) {
  call(SYS_rt_sigaction, signal, arg(&action), arg(before), sizeof action.mask);
}

inline bool failed(long result) { return result < 0 && result > -4096; }

[[noreturn]] inline void exit_group(int status) {
  for (;;) call(SYS_exit_group, status);
}

// A descriptor where programs do not look: 100 or above, close-on-exec; `fd` itself where RLIMIT_NOFILE has
// no room there. Takes -errno for `fd`, and returns it.
inline int move_high(int fd) {
  if (fd < 0 || fd >= 100) return fd;
  const int high = static_cast<int>(call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, 100));
  if (high < 0) return fd;
  close(fd);
  return high;
}

}  // namespace axshim::sys
