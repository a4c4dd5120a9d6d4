// The daemon keeps stdout, so that who reads it sees when the daemon ended too.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  if (daemon(1, 1) != 0) return 1;
  printf("daemon is its own session: %d\n", getsid(0) != 0);
  return 7;
}
