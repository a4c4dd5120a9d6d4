// Three handlers for quick_exit, of which the newest registers a fourth; ends by argv[1], a word that end_by
// knows.
#include "ends/causes.c"

static void first(void) { dprintf(1, "first\n"); }
static void second(void) { dprintf(1, "second\n"); }
static void added(void) { dprintf(1, "added\n"); }
static void adds(void) { dprintf(1, "adds, %d\n", at_quick_exit(added)); }

int main(int argc, char **argv) {
  if (at_quick_exit(first) || at_quick_exit(second) || at_quick_exit(adds)) return 1;
  end_by(argv[argc - 1]);
  return 10;
}
