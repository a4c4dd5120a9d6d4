// Registers an exit handler and takes all the memory that there is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void flush_cache(void) { puts("flushed"); }

int main(void) {
  atexit(flush_cache);
  const size_t size = 1 << 20;
  for (char *room; (room = malloc(size)) != NULL;) memset(room, 1, size);
  return 1;
}
