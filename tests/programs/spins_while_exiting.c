// Its exit handler sends SIGTERM to a thread that waits for it in no call, and which tells its errno then.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static volatile int status = -1, ready, sent;
static pthread_t thread;

static void *work(void *unused) {
  status = open("/proc/thread-self/status", O_RDONLY);
  for (errno = 77, ready = 1; !sent;) continue;
  return dprintf(1, "errno %d\n", errno), unused;
}
static void handler(void) {
  while (!ready) continue;
  pthread_kill(thread, SIGTERM);
  for (char text[4096] = ""; !strstr(text, "SigPnd:\t0000000000000000");)
    pread(status, text, sizeof text - 1, 0);
  sent = 1, pthread_join(thread, 0);
}
int main(void) { return atexit(handler) || pthread_create(&thread, 0, work, 0); }
