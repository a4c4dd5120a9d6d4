// Declares cleanups that append their number to the file "done", and takes some back, argv[2] times in all,
// then ends. Says so on stdout before (+, -) and after (=, ~) each: whatever kills it, what was true is
// known.
#include <axshim/axshim.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  static axshim_id ids[1000];
  if (argc < 3) return 2;
  srand((unsigned)atoi(argv[1]));
  for (int i = 0, declared = 0; i < atoi(argv[2]) && declared < 1000; ++i) {
    const int n = rand() % 3 ? declared : rand() % (declared + 1);
    char entry[32];
    snprintf(entry, sizeof entry, "write:done=%d", n);
    if (n < declared && ids[n] == 0) continue;
    dprintf(1, "%c%d\n", n < declared ? '-' : '+', n);
    if (n < declared) axshim_unregister(ids[n]), ids[n] = 0;
    if (n == declared) ids[declared++] = axshim_declare(entry);
    dprintf(1, "%c%d\n", ids[n] != 0 ? '=' : '~', n);
  }
  dprintf(1, "!\n");
  return 0;
}
