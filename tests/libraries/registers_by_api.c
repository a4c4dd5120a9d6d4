// A library whose constructor registers a cleanup through axshim.h.
#include <axshim/axshim.h>
#include <string.h>
#include <unistd.h>

static void say(void *what) { write(1, what, strlen(what)); }

__attribute__((constructor)) static void construct(void) {
  axshim_register("of the library", say, "of the library\n", 0);
}
