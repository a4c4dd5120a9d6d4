// main leaves its thread, with output pending and an exit handler; the other one says "ready" and waits.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_t main_thread;

static void handler(void) { puts("handler"); }

static void *wait_for_ever(void *unused) {
  pthread_join(main_thread, 0);
  write(1, "ready\n", 6);
  for (;;) pause();
  return unused;
}

int main(void) {
  pthread_t thread;
  main_thread = pthread_self();
  if (atexit(handler) || puts("pending") < 0 || pthread_create(&thread, 0, wait_for_ever, 0)) return 1;
  pthread_exit(0);
}
