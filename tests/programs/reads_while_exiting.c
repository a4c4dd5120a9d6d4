// Its exit handler sends SIGTERM to a thread that waits in read and, once it has come, what that waits for.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ends[2];
static volatile int status = -1;
static pthread_t thread;

static void *work(void *byte) {
  status = open("/proc/thread-self/status", O_RDONLY);
  return dprintf(1, "read %zd\n", read(ends[0], byte, 1)), byte;
}
static void wait_for(const char *line) {
  for (char text[4096] = ""; !strstr(text, line);) pread(status, text, sizeof text - 1, 0);
}
static void handler(void) {
  wait_for("State:\tS"), pthread_kill(thread, SIGTERM), wait_for("SigPnd:\t0000000000000000");
  write(ends[1], "x", 1), pthread_join(thread, 0);
}
int main(void) { return pipe(ends) || atexit(handler) || pthread_create(&thread, 0, work, malloc(1)); }
