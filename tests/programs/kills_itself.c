// Sends argv[1] (a number) to its own process; returns 0 where it survives that.
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  kill(getpid(), argc > 1 ? atoi(argv[1]) : SIGTERM);
  return 0;
}
