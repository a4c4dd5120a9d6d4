// Sets a handler of SIGTERM by libc's other name for sigaction, and says what was there before.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

extern int __sigaction(int, const struct sigaction *, struct sigaction *);

static void die_by_default(int number) {
  signal(number, SIG_DFL);
  raise(number);
}

int main(void) {
  const struct sigaction own = {.sa_handler = die_by_default, .sa_flags = SA_NODEFER};
  struct sigaction old;
  if (__sigaction(SIGTERM, &own, &old) != 0) return 1;
  dprintf(1, "default %d, flags %x\n", old.sa_handler == SIG_DFL, old.sa_flags);
  return kill(getpid(), SIGTERM);
}
