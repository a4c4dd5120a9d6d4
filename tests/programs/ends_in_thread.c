// A second thread calls _exit(3) while main waits for it. Exports a cleanup that hangs.
#include <pthread.h>
#include <unistd.h>

void hangs(void) {
  for (;;) pause();
}
static void *work(void *) { _exit(3); }

int main(void) {
  pthread_t thread;
  return pthread_create(&thread, 0, work, 0) || pthread_join(thread, 0);
}
