// Runs its arguments at a terminal of their own, and ends as they do.
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int terminal = -1, status = -1;
  const pid_t child = argc < 2 ? -1 : forkpty(&terminal, 0, 0, 0);
  if (child == 0) _exit(execv(argv[1], argv + 1));
  return child > 0 && waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : 77;
}
