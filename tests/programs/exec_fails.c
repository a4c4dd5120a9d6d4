// An exec that fails leaves the process as it was: it prints errno and returns 5.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int main(void) {
  char *const args[] = {"nothing", 0};
  execve("/nonexistent/nothing", args, environ);
  printf("%d\n", errno);
  execve("/etc/passwd", args, environ);
  printf("%d\n", errno);
  return 5;
}
