// As coreutils do, closes stderr in an exit handler. Ends by argv[1] (exit, return), with status 3.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void close_stderr(void) { fclose(stderr); }

int main(int argc, char **argv) {
  atexit(close_stderr);
  if (argc > 1 && !strcmp(argv[1], "exit")) exit(3);
  return 3;
}
