// exit(3) with an exit handler that, by argv[1], calls quick_exit(4) or closes all descriptors from 3 up.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void leave_quickly(void) { quick_exit(4); }
static void close_all(void) { close_range(3, ~0U, 0); }

int main(int argc, char **argv) {
  atexit(argc > 1 && !strcmp(argv[1], "quick_exit") ? leave_quickly : close_all);
  exit(3);
}
