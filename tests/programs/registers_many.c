// Registers one handler argv[1] times, which counts; ends by argv[2], a word that end_by knows. The handler
// that runs last prints the count.
#include "ends/causes.c"

static int count;

static void counts(void) { ++count; }
static void prints(void) { dprintf(1, "%d\n", count); }

int main(int argc, char **argv) {
  if (argc < 3 || atexit(prints)) return 1;
  for (int i = atoi(argv[1]); i > 0; --i) atexit(counts);
  end_by(argv[2]);
  return 10;
}
