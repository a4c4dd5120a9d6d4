// A child at a terminal of its own, at which the key of argv[1] (3: Ctrl-C, 28: Ctrl-\) is pressed: how it
// ends.
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int terminal = -1, status = -1;
  char byte = 0;
  const pid_t child = forkpty(&terminal, 0, 0, 0);
  if (child == 0) {
    write(1, "r", 1);
    for (;;) pause();
  }
  if (read(terminal, &byte, 1) != 1) return 1;
  byte = argc > 1 ? atoi(argv[1]) : 3;
  if (write(terminal, &byte, 1) != 1 || waitpid(child, &status, 0) != child) return 2;
  printf("wait status %#x\n", status);
  return 0;
}
