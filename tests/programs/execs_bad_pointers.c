// Calls execve with addresses where nothing is, as path and as environment, and prints errno after each.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char *const nowhere = (char *)(long)argc;
  printf("%d ", execve(nowhere, argv, environ)), printf("%d\n", errno);
  printf("%d ", execve("/bin/true", argv, (char **)nowhere)), printf("%d\n", errno);
  return 3;
}
