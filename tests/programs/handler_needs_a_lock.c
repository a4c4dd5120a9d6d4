// Says "ready" and waits for a signal with a mutex held that its exit handler needs.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void handler(void) {
  pthread_mutex_lock(&mutex);
  puts("handler");
}

int main(void) {
  if (atexit(handler) || pthread_mutex_lock(&mutex) || write(1, "ready\n", 6) != 6) return 1;
  pause();
  pthread_mutex_unlock(&mutex);
  for (;;) pause();
}
