// exit(3); its second handler registers another one, which comes next and ends by argv[1], a word that end_by
// knows (return: goes on to the handler that is left).
#include "ends/causes.c"

static const char *how;

static void runs_last(void) { dprintf(1, "last\n"); }

static void added(void) {
  dprintf(1, "added\n");
  end_by(how);
}

static void adds(void) {
  dprintf(1, "adds\n");
  atexit(added);
}

int main(int argc, char **argv) {
  how = argv[argc - 1];
  atexit(runs_last);
  atexit(adds);
  exit(3);
}
