// A signal handler registers and unregisters through axshim.h, and so does the thread that it interrupts.
#include <axshim/axshim.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>

static volatile int kept, failed, ran;
static void count(void *unused) { (void)unused, ++ran; }
static void on_alarm(int unused) {
  const axshim_id id = axshim_register(kept % 2 ? "named" : NULL, count, NULL, 0);
  if (kept++ >= 1000 && axshim_unregister(id) != 0) ++failed;
  if (id == 0 || unused == 0) ++failed;
}

int main(void) {
  const struct itimerval often = {{0, 50}, {0, 50}}, never = {0};
  signal(SIGALRM, on_alarm);
  setitimer(ITIMER_REAL, &often, NULL);
  while (kept < 2000)
    if (axshim_unregister(axshim_register(kept % 3 ? "named" : NULL, count, NULL, 0)) != 0) ++failed;
  setitimer(ITIMER_REAL, &never, NULL);
  printf("%d left, %d failed, ", (int)axshim_count(), failed);
  failed = axshim_run();
  printf("run: %d, %d ran\n", failed, ran);
}
