// Sends argv[1] (a number) to its own thread; returns 0 where it survives that.
#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  raise(argc > 1 ? atoi(argv[1]) : SIGTERM);
  return 0;
}
