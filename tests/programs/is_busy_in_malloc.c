// Says "ready" and keeps the heap busy: by argv[1] (stats) holds its lock, as malloc_stats() writes to a full
// pipe, or takes it again and again. The exit handler allocates. A second thread, or malloc takes no lock.
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) {
  char *volatile room = malloc(100000);
  write(1, "handler\n", room ? 8 : 0), free(room);
}
static void *wait_for_ever(void *unused) { return pause() ? unused : 0; }

int main(int argc, char **argv) {
  pthread_t thread;
  int ends[2];
  const char page[4096] = {0};
  if (pipe2(ends, O_NONBLOCK) || pthread_create(&thread, 0, wait_for_ever, 0) || atexit(handler)) return 1;
  while (write(ends[1], page, sizeof page) > 0) continue;
  if (fcntl(ends[1], F_SETFL, 0) || write(1, "ready\n", 6) != 6) return 2;
  if (argc > 1 && *argv[1] == 's' && dup2(ends[1], 2) == 2) malloc_stats();
  for (char *volatile room;; free(room)) room = malloc(rand() % 5000);
}
