// Eight threads call exit(6) at the same time; each of 20 exit handlers prints.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { kThreads = 8, kHandlers = 20 };
static pthread_barrier_t all;

static void say(void) { write(1, "handler\n", 8); }

static void *leave(void *unused) {
  pthread_barrier_wait(&all);
  exit(6);
  return unused;
}

int main(void) {
  pthread_t thread;
  for (int i = 0; i < kHandlers; ++i) atexit(say);
  pthread_barrier_init(&all, 0, kThreads);
  for (int i = 1; i < kThreads; ++i) pthread_create(&thread, 0, leave, 0);
  leave(0);
}
