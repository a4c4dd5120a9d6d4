// Its cleanup hangs while it holds the heap's lock: malloc_stats() writes to a full pipe. A destructor
// allocates.
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void cleanup_hangs_in_malloc(void) { malloc_stats(); }
void cleanup_writes(void) { write(1, "cleaned\n", 8); }
__attribute__((destructor)) static void allocate(void) {
  char *volatile room = malloc(100000);
  free(room);
}
static void *wait_for_ever(void *unused) { return pause() ? unused : 0; }
int main(void) {
  pthread_t thread;  // with one thread alone malloc takes no lock
  int ends[2];
  const char page[4096] = {0};
  if (pipe2(ends, O_NONBLOCK) || pthread_create(&thread, 0, wait_for_ever, 0)) return 1;
  while (write(ends[1], page, sizeof page) > 0) continue;
  fcntl(ends[1], F_SETFL, 0);
  dup2(ends[1], 2);
  return 3;
}
