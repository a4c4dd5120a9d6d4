// Dies of the timer's SIGALRM, which does not come again.
#include <sys/time.h>
#include <unistd.h>

int main(void) {
  const struct itimerval soon = {.it_value = {0, 1000}};
  setitimer(ITIMER_REAL, &soon, 0);
  for (;;) pause();
}
