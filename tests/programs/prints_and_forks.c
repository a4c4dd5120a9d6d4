// Forks with output pending. The child ends by _exit(0), by argv[1]: fork, vfork, adds (to the output),
// flushes (and prints again); or main becomes a daemon.
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  printf("parent\n");
  if (!strcmp(how, "daemon")) return daemon(1, 1);
  const pid_t child = strcmp(how, "vfork") ? fork() : vfork();
  if (child == 0) {
    if (!strcmp(how, "flushes")) fflush(stdout), printf("later\n");
    if (!strcmp(how, "adds")) printf("child\n");
    _exit(0);
  }
  waitpid(child, 0, 0);
  return 0;
}
