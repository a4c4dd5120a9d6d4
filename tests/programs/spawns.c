// As Python's subprocess: ignores SIGTERM and spawns a child (argv[1...]) with SIGTERM reset.
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv) {
  posix_spawnattr_t attributes;
  sigset_t reset;
  int status = -1, child;
  sigemptyset(&reset);
  sigaddset(&reset, SIGTERM);
  signal(SIGTERM, SIG_IGN);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &reset);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  if (argc < 2 || posix_spawn(&child, argv[1], 0, &attributes, argv + 1, environ) != 0) return 1;
  waitpid(child, &status, 0);
  printf("child: wait status %#x, here SIGTERM is %s\n", status,
         signal(SIGTERM, SIG_DFL) == SIG_IGN ? "ignored" : "not");
  return 0;
}
