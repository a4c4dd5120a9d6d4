// Dies of SIGPIPE, as `yes | head` does, with an exit handler.
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { write(1, "handler\n", 8); }

int main(void) {
  int ends[2];
  atexit(handler);
  if (pipe(ends) || close(ends[0])) return 1;
  write(ends[1], "", 1);
  return 2;
}
