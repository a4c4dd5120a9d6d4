// Says "ready", with output pending and an exit handler, and waits for a thread that waits for ever: by
// argv[1] (join) for its end, or for its mutex. By argv[2] one of them (main, thread) takes signals.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static sigset_t all;
static pthread_barrier_t locked;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void handler(void) { puts("handler"); }
static void *hold_mutex(void *signals) {
  if (*(char *)signals != 't') pthread_sigmask(SIG_BLOCK, &all, 0);
  if (pthread_mutex_lock(&mutex) == 0) pthread_barrier_wait(&locked);
  return pause() ? signals : 0;
}
int main(int argc, char **argv) {
  pthread_t thread;
  if (argc < 3 || atexit(handler) || puts("pending") < 0 || sigfillset(&all)) return 1;
  if (pthread_barrier_init(&locked, 0, 2) || pthread_create(&thread, 0, hold_mutex, argv[2])) return 2;
  pthread_barrier_wait(&locked);
  if (*argv[2] != 'm') pthread_sigmask(SIG_BLOCK, &all, 0);
  if (write(1, "ready\n", 6) == 6) *argv[1] == 'j' ? pthread_join(thread, 0) : pthread_mutex_lock(&mutex);
  _exit((int)write(1, "went on\n", 8));
}
