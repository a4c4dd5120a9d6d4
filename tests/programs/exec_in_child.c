// Forks a child that becomes argv[1]; prints how that ended and returns 0.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  waitpid(child, &status, 0);
  printf("%d children, status %d\n", argc > 1, status);
  return 0;
}
