// argv[2] exit handlers, each of which registers one more, or (nested) one alone that registers the next and
// calls exit. Prints how many ran. Ends by quick_exit where argv[1] is quick.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int left, ran, quick, nested;

static void leaf(void) { ++ran; }
static void print(void) { printf("%d\n", ran), fflush(stdout); }
static void next(void) {
  ++ran;
  quick ? at_quick_exit(leaf) : atexit(nested && --left > 0 ? next : leaf);
  if (nested && left > 0) exit(0);
}

int main(int argc, char **argv) {
  quick = argc > 2 && !strcmp(argv[1], "quick"), nested = argc > 2 && !strcmp(argv[1], "nested");
  left = atoi(argv[argc - 1]);
  quick ? at_quick_exit(print) : atexit(print);
  for (int i = nested ? 1 : left; i > 0; --i) quick ? at_quick_exit(next) : atexit(next);
  quick ? quick_exit(0) : exit(0);
}
