// What the static libunwind and libiberty refer to of libc on paths that are never taken here (registering
// frames, printing what is wrong with them). Each name that is looked up costs every process some of its
// start; and a heap that isn't there cannot be used by mistake.
#include <stddef.h>
#include <stdio.h>

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

[[noreturn]] void __stack_chk_fail() { __builtin_trap(); }

}  // extern "C"
#pragma GCC visibility pop
