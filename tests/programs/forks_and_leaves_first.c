// The parent ends before its child, whose exit handlers are its own all the same. Registered: of the parent
// alone after the fork, of both before. By argv[1]: fork, and clone and _Fork, which call no atfork handlers.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ends[2];
static void of_both(void) { dprintf(1, "of both\n"); }
static void of_parent(void) { dprintf(1, "of the parent\n"); }
static void of_child(void) { dprintf(1, "of the child\n"); }

int main(int argc, char **argv) {
  if (argc < 2 || pipe(ends) != 0 || atexit(of_both) != 0) return 2;
  const pid_t child = *argv[1] == 'c'   ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)
                      : *argv[1] == '_' ? _Fork()
                                        : fork();
  if (child > 0) return atexit(of_parent), 0;
  close(ends[1]);
  while (read(ends[0], ends, 1) > 0) continue;  // until the parent is gone
  atexit(of_child);
  return 0;
}
