#include "stacks.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>

static char own[1 << 16];
static uintptr_t frame;  // of the handler

void set_altstack(void) {
  const stack_t stack = {.ss_sp = own, .ss_size = sizeof own};
  sigaltstack(&stack, 0);
}

void handle(int number) { frame = (uintptr_t)&number; }

void show(const char *when, int number) {
  char here;
  struct sigaction now;
  raise(number);
  sigaction(number, 0, &now);
  const char *where = frame - (uintptr_t)own < sizeof own     ? "its own altstack"
                      : (uintptr_t)&here - frame < sizeof own ? "the thread's stack"
                                                              : "another stack";
  printf("%s: %s, flags %#x\n", when, where, now.sa_flags & 0x7fffffff);
}
