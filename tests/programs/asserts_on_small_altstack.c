// Fails an assertion with an alternate stack of its own: 8 KiB, with a guard below.
#include <assert.h>
#include <signal.h>
#include <sys/mman.h>

int main(void) {
  enum { kGuard = 1 << 16, kSize = 8192 };
  char *space = mmap(0, kGuard + kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const stack_t stack = {.ss_sp = space + kGuard, .ss_size = kSize};
  if (space == MAP_FAILED || mprotect(space, kGuard, PROT_NONE) || sigaltstack(&stack, 0)) return 1;
  assert(space == 0);
}
