// Exports cleanups that use SIGRTMAX, or take 200 ms of processor time. With an argument it has a handler for
// that signal. Calls _exit(3).
#include <signal.h>
#include <time.h>
#include <unistd.h>

static void handler(int number) { write(1, "handled\n", number == SIGRTMAX ? 8 : 0); }

void raises(void) { raise(SIGRTMAX); }
void has_timer(void) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMAX};
  struct itimerspec left = {.it_value = {.tv_nsec = 1}};
  timer_t timer;
  timer_create(CLOCK_MONOTONIC, &event, &timer);
  for (timer_settime(timer, 0, &left, 0); left.it_value.tv_nsec > 0;) timer_gettime(timer, &left);
}
void takes_time(void) {
  while (clock() < CLOCKS_PER_SEC / 5) continue;
}
int main(int argc, char **argv) {
  if (argv[argc - 1] != argv[0]) signal(SIGRTMAX, handler);
  _exit(3);
}
