// Calls exit(3), and gets a SIGTERM while its exit handlers run.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void first(void) { write(1, "first\n", 6); }
static void signalled(void) {
  kill(getpid(), SIGTERM);
  write(1, "signalled\n", 10);
}
static void last(void) { write(1, "last\n", 5); }

int main(void) {
  if (atexit(first) || atexit(signalled) || atexit(last)) return 1;
  exit(3);
}
