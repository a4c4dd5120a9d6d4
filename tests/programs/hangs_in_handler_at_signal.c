// Says "ready" and waits for a signal. One of its exit handlers writes to argv[1] and then hangs.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const char *path;

static void first(void) { write(1, "first\n", 6); }
static void hangs(void) {
  write(open(path, O_WRONLY), "hangs\n", 6);
  for (;;) pause();
}
static void last(void) { write(1, "last\n", 5); }

int main(int argc, char **argv) {
  path = argv[argc - 1];
  if (atexit(first) || atexit(hangs) || atexit(last) || write(1, "ready\n", 6) != 6) return 1;
  for (;;) pause();
}
