// dlopens argv[1], closes it as argv[2] says (close: at once, late: in an exit handler, keep: never), and
// ends by argv[3], a word that end_by knows.
#include <dlfcn.h>

#include "ends/causes.c"

static void *library;
static const char *when = "";

static void of_program(void) {
  dprintf(1, "of_program\n");
  if (!strcmp(when, "late")) dlclose(library);
}

int main(int argc, char **argv) {
  library = argc < 4 ? 0 : dlopen(argv[1], RTLD_NOW);
  if (!library) return dprintf(2, "%s\n", dlerror()), 2;
  when = argv[2];
  atexit(of_program);
  if (!strcmp(when, "close")) dlclose(library);
  dprintf(1, "main ends\n");
  end_by(argv[3]);
  return 10;
}
