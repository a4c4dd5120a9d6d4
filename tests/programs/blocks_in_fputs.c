// Says "ready", with output pending and an exit handler, and writes to a stream whose pipe nobody reads.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { puts("handler"); }

int main(void) {
  int ends[2];
  if (pipe(ends) || atexit(handler) || puts("pending") < 0 || write(1, "ready\n", 6) != 6) return 1;
  for (FILE *stream = fdopen(ends[1], "w");;) fputs("nobody reads this\n", stream);
}
