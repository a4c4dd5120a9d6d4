// Removes its own executable, argv[0], and calls _exit(3) with an exit handler that nothing exports.
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { write(1, "handler\n", 8); }

int main(int argc, char **argv) {
  atexit(handler);
  if (argc < 1 || unlink(argv[0])) return 1;
  _exit(3);
}
