// main leaves by pthread_exit as the only thread; the exit handler sends SIGTERM to the process, and tells if
// it survives.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void raises(void) {
  kill(getpid(), SIGTERM);
  write(1, "survived\n", 9);
}

int main(void) {
  if (atexit(raises)) return 1;
  pthread_exit(0);
}
