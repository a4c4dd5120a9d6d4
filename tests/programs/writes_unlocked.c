// Says "ready", then prints numbers to descriptor 3 for ever, with stdio that takes no lock, as the GNU tools
// do. Its exit handler closes the stream.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *stream;

static void close_stream(void) { fclose(stream); }

int main(void) {
  stream = fdopen(3, "w");
  if (atexit(close_stream) || write(1, "ready\n", 6) != 6) return 1;
  char line[16];
  for (int i = 0;; ++i) {
    snprintf(line, sizeof line, "%08d\n", i);
    fputs_unlocked(line, stream);
  }
}
