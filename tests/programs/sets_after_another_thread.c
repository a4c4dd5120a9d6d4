// A thread sets SIG_DFL. Main waits until it is set and sets another disposition, which is the later call:
// prints whether that was ever lost, in 5000 rounds or two seconds.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static volatile int wanted, done;
static void *work(void *unused) {
  for (;; signal(SIGUSR1, SIG_DFL), ++done)
    while (wanted == done) continue;
  return unused;
}
int main(void) {
  pthread_t thread;
  struct sigaction now, own = {.sa_handler = SIG_IGN};
  const time_t end = time(0) + 2;
  if (sigaction(SIGUSR1, &own, 0) || pthread_create(&thread, 0, work, 0)) return 1;
  for (now = own; wanted < 5000 && now.sa_handler != SIG_DFL && time(0) < end; sigaction(SIGUSR1, 0, &now)) {
    for (++wanted; now.sa_handler != SIG_DFL;) sigaction(SIGUSR1, 0, &now);
    for (sigaction(SIGUSR1, &own, 0); done < wanted;) continue;
  }
  _exit(dprintf(1, "lost: %d\n", now.sa_handler == SIG_DFL) < 0);
}
