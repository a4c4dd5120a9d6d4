// main leaves its thread; the other one, the last, leaves too: the process exits with 0.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("atexit handler"); }

static void *work(void *main_thread) {
  pthread_join(*(pthread_t *)main_thread, 0);
  puts("the last thread leaves");
  pthread_exit(0);
}

int main(void) {
  static pthread_t main_thread, thread;
  atexit(handler);
  main_thread = pthread_self();
  pthread_create(&thread, 0, work, &main_thread);
  pthread_exit(0);
}
