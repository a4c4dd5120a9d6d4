// Sets an alternate stack of its own and disables it again, with SS_AUTODISARM where there is an argument;
// then it recurses until its stack is used up.
#include <signal.h>

static char space[1 << 16];

static int recurse(int depth) {
  volatile char frame[4096];
  frame[0] = (char)depth;
  return depth < 0 ? 0 : recurse(depth + 1) + frame[0];
}

int main(int argc, char **argv) {
  const stack_t own = {.ss_sp = space, .ss_size = sizeof space};
  const stack_t none = {.ss_flags = argv[1] ? SS_DISABLE | 1 << 31 : SS_DISABLE};
  return sigaltstack(&own, 0) || sigaltstack(&none, 0) || recurse(argc);
}
