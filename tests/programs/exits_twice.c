// Two threads call exit at the same time, with the same status; an exit handler prints.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t both;

static void say(void) { write(1, "handler\n", 8); }

static void *leave(void *unused) {
  pthread_barrier_wait(&both);
  exit(6);
  return unused;
}

int main(void) {
  pthread_t thread;
  atexit(say);
  pthread_barrier_init(&both, 0, 2);
  pthread_create(&thread, 0, leave, 0);
  leave(0);
}
