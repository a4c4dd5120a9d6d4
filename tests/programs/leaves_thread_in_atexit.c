// An exit handler leaves its thread by pthread_exit; another thread waits for that and calls exit(5). The
// first is main's where there is an argument.
#include <pthread.h>
#include <stdlib.h>

static void leave(void) { pthread_exit(0); }

static void *exit_after(void *thread) {
  pthread_join(*(pthread_t *)thread, 0);
  exit(5);
}

static void *exit_first(void *unused) { return exit(3), unused; }

int main(int argc, char **argv) {
  (void)argv;
  static pthread_t main_thread, thread;
  main_thread = pthread_self();
  atexit(leave);
  if (argc == 1) return pthread_create(&thread, 0, exit_first, 0) ? 1 : (exit_after(&thread), 2);
  return pthread_create(&thread, 0, exit_after, &main_thread) ? 1 : 3;
}
