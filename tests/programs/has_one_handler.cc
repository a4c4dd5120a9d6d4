// One handler, of the kind that argv[2] says (atexit, on_exit, destructor, at_quick_exit), which prints; ends
// by argv[1], a word that end_by knows.
#include "ends/causes.c"

static void by_atexit() { dprintf(1, "atexit\n"); }
static void by_at_quick_exit() { dprintf(1, "at_quick_exit\n"); }
static void by_on_exit(int status, void *argument) {
  dprintf(1, "on_exit %d %s\n", status, static_cast<char *>(argument));
}

struct Resource {
  const char *name;
  ~Resource() { dprintf(1, "destructor of %s\n", name); }
};

int main(int argc, char **argv) {
  const char *kind = argc > 2 ? argv[2] : "";
  static char argument[] = "argument";
  if (!strcmp(kind, "atexit")) atexit(by_atexit);
  if (!strcmp(kind, "on_exit")) on_exit(by_on_exit, argument);
  if (!strcmp(kind, "destructor")) static const Resource resource = {kind + 4};
  if (!strcmp(kind, "at_quick_exit")) at_quick_exit(by_at_quick_exit);
  end_by(argv[1]);
  return 10;
}
