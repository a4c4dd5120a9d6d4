// Says "ready", waits for a SIGTERM, handles it, and returns 3.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_term(int number) { stop = number; }

int main(void) {
  sigset_t term, none;
  sigemptyset(&none);
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, 0);
  signal(SIGTERM, on_term);
  puts("ready");
  fflush(stdout);
  while (!stop) sigsuspend(&none);
  printf("handled %d\n", (int)stop);
  return 3;
}
