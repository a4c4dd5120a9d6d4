// A thread is in the middle of printing when main, with output of its own pending elsewhere, calls _exit(3).
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_barrier_t both;

static void *print(void *unused) {
  flockfile(stdout);
  fputs("half of", stdout);
  pthread_barrier_wait(&both);
  return pause() ? unused : 0;
}

int main(void) {
  pthread_t thread;
  FILE *other = fdopen(2, "w");
  pthread_barrier_init(&both, 0, 2);
  pthread_create(&thread, 0, print, 0);
  pthread_barrier_wait(&both);
  fputs("other", other);
  _exit(3);
}
