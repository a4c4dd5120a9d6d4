// Two threads fork. Once all is prepared for it they wait for stdio's list of streams, which main holds while
// it registers 5000 exit handlers; each child registers 3000 more. Says how many each process has run.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "waits_for_sleep.h"

static int parent, ran;
static pthread_t threads[2];
static volatile int tids[2];
static void count(void) { ++ran; }
static void tell(void) { dprintf(1, "%s: %d ran\n", getpid() == parent ? "parent" : "child", ran); }
static void *forks(void *tid) {
  *(volatile int *)tid = gettid();
  if (fork() > 0) return wait(NULL), NULL;
  for (int i = 0; i < 3000; ++i) atexit(count);
  exit(0);
}
static ssize_t write_it(void *unused, const char *bytes, size_t size) {
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], unused, forks, (void *)&tids[i]);
  for (int i = 0; i < 2; ++i) wait_for_sleep(&tids[i]);
  for (int i = 0; i < 5000; ++i) atexit(count);
  return bytes != NULL ? (ssize_t)size : 0;
}
int main(void) {
  parent = getpid();
  FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_it});
  atexit(tell), fputs("x", stream), fflush(NULL);
  return pthread_join(threads[0], NULL) || pthread_join(threads[1], NULL);
}
