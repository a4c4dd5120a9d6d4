// SIGKILL to a thread that is not of its process; prints errno and whether argv[1] is still there, returns 5.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const int result = tgkill(getpid(), getppid(), SIGKILL), error = errno;
  printf("%d, errno %d, %s\n", result, error, argc > 1 && !access(argv[1], F_OK) ? "there" : "gone");
  return 5;
}
