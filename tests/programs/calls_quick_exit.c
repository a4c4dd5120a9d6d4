// Calls quick_exit(argv[1]), with exit handlers of its own that print.
#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("atexit handler"); }

static void quick_handler(void) {
  puts("at_quick_exit handler");
  fflush(stdout);
}

int main(int argc, char **argv) {
  atexit(handler);
  at_quick_exit(quick_handler);
  quick_exit(argc > 1 ? atoi(argv[1]) : 0);
}
