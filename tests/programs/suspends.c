// Blocks SIGTERM, sends it to itself, and lets it in by argv[1] (sigsuspend, ppoll, pselect).
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  const struct timespec second = {.tv_sec = 1};  // only ever reached where the signal does not come
  sigset_t term, none;
  sigemptyset(&none), sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, 0);
  kill(getpid(), SIGTERM);
  if (!strcmp(how, "sigsuspend")) sigsuspend(&none);
  if (!strcmp(how, "ppoll")) ppoll(0, 0, &second, &none);
  if (!strcmp(how, "pselect")) pselect(0, 0, 0, 0, &second, &none);
  puts("survived");
  return 0;
}
