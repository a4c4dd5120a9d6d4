// Twenty times 50 threads with attributes as argv[1] says (default, detached, tiny); prints how many ran.
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

static sem_t ran;

static void *work(void *argument) { return sem_post(&ran), argument; }

int main(int argc, char **argv) {
  pthread_attr_t attributes;
  pthread_t threads[50];
  int count = 0;
  pthread_attr_init(&attributes);
  const int detached = argc > 1 && !strcmp(argv[1], "detached");
  if (detached) pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (argc > 1 && !strcmp(argv[1], "tiny")) pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) pthread_create(threads + i, &attributes, work, 0);
    for (int i = 0; i < 50; ++i) count += !sem_wait(&ran) && (detached || !pthread_join(threads[i], 0));
  }
  printf("%d\n", count);
}
