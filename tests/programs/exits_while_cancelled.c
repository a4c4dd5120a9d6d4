// A thread with a cancellation pending calls _exit(3): no cancellation point. cleanup_cancels() has one.
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void cleanup_cancels(void) { write(1, "cleaned\n", 8); }

static void *work(void *unused) {
  (void)unused;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
  pthread_cancel(pthread_self());
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, 0);
  _exit(3);
}

int main(void) {
  pthread_t thread;
  pthread_create(&thread, 0, work, 0);
  pthread_join(thread, 0);
  exit(5);
}
