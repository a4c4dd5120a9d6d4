// Of three exit handlers, which print, the second forks; the child calls exit, and the parent prints its
// status. A handler that runs again in the child would fork for ever: the depth is bounded.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int depth;

static void runs_last(void) { dprintf(1, "last\n"); }
static void forks(void) {
  int status = 0;
  dprintf(1, "forks\n");
  if (++depth > 5) _exit(6);
  const pid_t child = fork();
  if (child == 0) exit(5);
  if (waitpid(child, &status, 0) == child) dprintf(1, "child: %d\n", WEXITSTATUS(status));
}
static void runs_first(void) { dprintf(1, "first\n"); }

int main(void) { return atexit(runs_last) || atexit(forks) || atexit(runs_first); }
