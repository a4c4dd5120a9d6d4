// Says "ready" and waits for a signal with a mutex held that its exit handler needs, which then, with an
// argument, hangs.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static int hangs;

static void handler(void) {
  pthread_mutex_lock(&mutex);
  puts("handler"), fflush(stdout);
  while (hangs) pause();
}

int main(int argc, char **) {
  hangs = argc > 1;
  if (atexit(handler) || pthread_mutex_lock(&mutex) || write(1, "ready\n", 6) != 6) return 1;
  pause();
  pthread_mutex_unlock(&mutex);
  for (;;) pause();
}
