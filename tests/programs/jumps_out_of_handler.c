// exit(3), but one of the handlers jumps back to main, which then ends by argv[1], a word that end_by knows.
#include <setjmp.h>

#include "ends/causes.c"

static jmp_buf back;

static void runs_last(void) { dprintf(1, "last\n"); }
static void jumps(void) { longjmp(back, 1); }

int main(int argc, char **argv) {
  atexit(runs_last);
  atexit(jumps);
  if (setjmp(back) == 0) exit(3);
  end_by(argv[argc - 1]);
}
