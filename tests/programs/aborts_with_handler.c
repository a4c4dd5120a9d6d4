// Its SIGABRT handler prints and returns: the process dies of the signal all the same.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void on_abort(int number) {
  (void)number;
  write(1, "handled\n", 8);
}

int main(void) {
  signal(SIGABRT, on_abort);
  abort();
}
