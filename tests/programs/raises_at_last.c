// With SIGRTMAX blocked, its last exit handler prints whether it still is, lets it in and raises it.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static sigset_t set;

static void last(void) {
  sigset_t now;
  sigprocmask(SIG_UNBLOCK, &set, &now);
  printf("blocked %d\n", sigismember(&now, SIGRTMAX)), fflush(stdout);
  raise(SIGRTMAX);
}
__attribute__((constructor)) static void start(void) { atexit(last); }

int main(void) {
  sigaddset(&set, SIGRTMAX);
  sigprocmask(SIG_BLOCK, &set, 0);
  return 3;
}
