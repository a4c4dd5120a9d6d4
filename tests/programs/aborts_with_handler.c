// Its SIGABRT handler prints and returns: the process dies of the signal all the same. With an argument it
// has SIGABRT blocked, which abort undoes.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void on_abort(int number) {
  (void)number;
  write(1, "handled\n", 8);
}

int main(int argc, char **) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGABRT);
  signal(SIGABRT, on_abort);
  if (argc > 1) sigprocmask(SIG_BLOCK, &set, 0);
  abort();
}
