// A thread is cancelled inside a cleanup that axshim_run calls, and then calls exit.
#include <axshim/axshim.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void be_cancelled(void *unused) {
  (void)unused;
  pthread_cancel(pthread_self()), pthread_testcancel();
}
static void leave(void *unused) {
  (void)unused;
  printf("%d left\n", (int)axshim_count()), exit(7);
}
static void *run(void *unused) {
  pthread_cleanup_push(leave, NULL);
  axshim_register("cancelled", be_cancelled, NULL, 0), axshim_run();
  pthread_cleanup_pop(0);
  return unused;
}

int main(void) {
  pthread_t thread;
  return pthread_create(&thread, NULL, run, NULL) || pthread_join(thread, NULL) ? 2 : 3;
}
