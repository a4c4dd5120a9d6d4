// With an alternate stack of argv[1] bytes, a guard below it, sends itself argv[2] (a number): at once, or
// from a handler of SIGSEGV on that stack where there is argv[3]. 77: the kernel wants a larger one.
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int number;
static void on_crash(int unused) { kill(getpid(), unused == SIGSEGV ? number : 0); }

int main(int argc, char **argv) {
  enum { kGuard = 1 << 16, kRoom = 1 << 16 };
  char *space = mmap(0, kGuard + kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (argc < 3 || space == MAP_FAILED || mprotect(space, kGuard, PROT_NONE)) return 1;
  const stack_t stack = {.ss_sp = space + kGuard, .ss_size = (size_t)atoi(argv[1])};
  if (sigaltstack(&stack, 0)) return 77;
  number = atoi(argv[2]);
  if (argc > 3) sigaction(SIGSEGV, &(struct sigaction){.sa_handler = on_crash, .sa_flags = SA_ONSTACK}, 0);
  return argc > 3 ? *(volatile int *)0 : kill(getpid(), number);
}
