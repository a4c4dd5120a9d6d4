// An SA_ONSTACK handler recurses until its stack is used up, having disabled an alternate stack of its own.
#include <signal.h>

static char space[1 << 16];

static int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}
static void on_usr1(int number) { recurse(number); }

int main(void) {
  const struct sigaction action = {.sa_flags = SA_ONSTACK, .sa_handler = on_usr1};
  const stack_t own = {.ss_sp = space, .ss_size = sizeof space}, none = {.ss_flags = SS_DISABLE};
  return sigaltstack(&own, 0) || sigaltstack(&none, 0) || sigaction(SIGUSR1, &action, 0) || raise(SIGUSR1);
}
