// The hazard: exit(9), with all its handlers, inside a signal handler.
#include <signal.h>
#include <stdlib.h>

static void on_usr1(int number) {
  (void)number;
  exit(9);
}

int main(void) {
  signal(SIGUSR1, on_usr1);
  raise(SIGUSR1);
  return 0;
}
