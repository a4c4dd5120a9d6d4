// Calls _exit(9) inside a signal handler.
#include <signal.h>
#include <unistd.h>

static void on_usr1(int number) {
  (void)number;
  _exit(9);
}

int main(void) {
  signal(SIGUSR1, on_usr1);
  raise(SIGUSR1);
  return 0;
}
