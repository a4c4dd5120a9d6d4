// What the static libunwind and libiberty refer to of libc, most of it on paths that are never taken here
// (registering frames, printing what is wrong with them). Each name that the loader looks up costs every
// process some of its start, and could be the program's own; and a heap that isn't there cannot be used by
// mistake.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/real.h"

namespace {

// Of numbers alone.
int print(char *out, size_t size, const char *format, va_list list) {
  return axshim::libc::vsnprintf(out, size, format, list);
}

}  // namespace

#pragma GCC visibility push(hidden)
extern "C" {

void *malloc(size_t) noexcept { return nullptr; }
void *realloc(void *, size_t) noexcept { return nullptr; }
void free(void *) noexcept {}

FILE *stderr_of_archives asm("stderr") = nullptr;
int fprintf(FILE *, const char *, ...) { return 0; }
int __fprintf_chk(FILE *, int, const char *, ...) { return 0; }
size_t fwrite(const void *, size_t, size_t, FILE *) { return 0; }
int fflush(FILE *) { return 0; }

#define AXSHIM_PRINT(out, size, format)              \
  va_list list;                                      \
  va_start(list, format);                            \
  const int length = print(out, size, format, list); \
  va_end(list);                                      \
  return length
int snprintf(char *out, size_t size, const char *format, ...) noexcept { AXSHIM_PRINT(out, size, format); }
int __snprintf_chk(char *out, size_t size, int, size_t, const char *format, ...) noexcept {
  AXSHIM_PRINT(out, size, format);
}
int __sprintf_chk(char *out, int, size_t size, const char *format, ...) noexcept {
  AXSHIM_PRINT(out, size, format);
}

[[noreturn]] void __stack_chk_fail() { __builtin_trap(); }

}  // extern "C"
#pragma GCC visibility pop
