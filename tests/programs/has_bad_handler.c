// exit(3) with three handlers, each of which prints; the one in the middle also ends the process by argv[1],
// a word that end_by knows, or raise, or errx.
#include <err.h>

#include "ends/causes.c"

static const char *how;

static void runs_first(void) { dprintf(1, "first\n"); }
static void goes_wrong(void) {
  dprintf(1, "wrong\n");
  if (!strcmp(how, "raise")) raise(SIGUSR1);
  if (!strcmp(how, "errx")) errx(9, "giving up");
  end_by(how);
}
static void runs_last(void) { dprintf(1, "last\n"); }

int main(int argc, char **argv) {
  how = argv[argc - 1];
  atexit(runs_last);
  atexit(goes_wrong);
  atexit(runs_first);
  exit(3);
}
