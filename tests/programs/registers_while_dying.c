// Leaves by _exit(3) with more unflushed output than a pipe holds; whoever rescues it waits for a thread that
// reads the pipe, which registers a handler first.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int ends[2];
static void too_late() {}

static void *read_all(void *unused) {
  char page[4096];
  if (read(ends[0], page, 1) == 1) atexit(too_late);
  while (read(ends[0], page, sizeof page) > 0) continue;
  return unused;
}

int main() {
  static char buffer[1 << 20];
  FILE *stream = pipe(ends) == 0 ? fdopen(ends[1], "w") : NULL;
  pthread_t thread;
  setvbuf(stream, buffer, _IOFBF, sizeof buffer);
  for (int i = 0; i < 600000; ++i) fputc('x', stream);
  pthread_create(&thread, NULL, read_all, NULL);
  _exit(3);
}
