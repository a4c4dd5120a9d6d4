// An exit handler of main's hangs; then another thread ends the process as argv[1] says: _exit, abort or a
// fault.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_barrier_t hanging;

static void hang(void) {
  for (pthread_barrier_wait(&hanging);;) pause();
}

static void *end(void *how) {
  pthread_barrier_wait(&hanging);
  if (*(char *)how == '_') _exit(9);
  if (*(char *)how == 'a') abort();
  return *(void *volatile *)0;
}

int main(int argc, char **argv) {
  pthread_t thread;
  atexit(hang);
  pthread_barrier_init(&hanging, 0, 2);
  return pthread_create(&thread, 0, end, argv[argc - 1]);
}
