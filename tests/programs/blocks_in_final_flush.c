// Returns from main with more in stdout's buffer than the pipe takes, which nobody reads: libc's own flush,
// the last thing before the end, waits. Says "ready" on another descriptor before.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char buffer[1 << 20];

static void say(void) { write(3, "ready\n", 6); }

int main(void) {
  int ends[2];
  if (dup2(1, 3) != 3 || pipe(ends) || dup2(ends[1], 1) != 1 || atexit(say)) return 1;
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (int i = 0; i < 10000; ++i) printf("%099d\n", i);
}
