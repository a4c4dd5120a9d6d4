// Sends a SIGTERM to a fork child that waits, with an exit handler; prints how that ended and returns 0.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(void) { puts("handler of the child"); }

int main(void) {
  int ends[2], status = -1;
  char byte;
  if (pipe(ends)) return 1;
  const pid_t child = fork();
  if (child == 0) {
    if (atexit(handler) || write(ends[1], "", 1) != 1) _exit(2);
    for (;;) pause();
  }
  if (read(ends[0], &byte, 1) != 1 || kill(child, SIGTERM)) return 3;
  waitpid(child, &status, 0);
  printf("child: wait status %#x\n", status);
  return 0;
}
