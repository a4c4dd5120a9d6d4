// 1000 threads at once; the last that starts dereferences a null pointer.
#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t all_there;

static void *work(void *unused) {
  if (pthread_barrier_wait(&all_there) == PTHREAD_BARRIER_SERIAL_THREAD) *(volatile int *)0 = 1;
  for (;;) pause();
  return unused;
}

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&all_there, 0, 1000);
  for (int i = 0; i < 1000; ++i)
    if (pthread_create(&thread, 0, work, 0) != 0) return 1;
  return pthread_join(thread, 0);
}
