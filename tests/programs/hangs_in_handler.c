// exit(3) with three handlers, of which the one in the middle says "ready" and hangs.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void runs_first(void) { puts("first"); }

static void hangs(void) {
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

static void runs_last(void) { puts("last"); }

int main(void) {
  atexit(runs_last);
  atexit(hangs);
  atexit(runs_first);
  exit(3);
}
