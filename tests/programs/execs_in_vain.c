// Execs argv[1], which is no program, twice: without an environment, and with its own. Prints what that left
// of errno, of the signals that are blocked and of the dispositions, and returns 3.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *const nothing[] = {0}, *const *const environments[] = {nothing, environ};
  for (int i = 0; i < 2 && argc > 1; ++i) {
    struct sigaction action;
    sigset_t blocked;
    errno = 0;
    execve(argv[1], argv + 1, environments[i]);
    printf("errno %d, ", errno);
    sigprocmask(SIG_BLOCK, 0, &blocked);
    printf("mask %lx, dispositions", blocked.__val[0]);
    for (int number = 1; number < 32; ++number)
      printf(" %d", sigaction(number, 0, &action) ? -1 : action.sa_handler != SIG_DFL);
    puts("");
  }
  return 3;
}
