// Prints which descriptors are open and what open returns then, here and in a fork child.
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(void) {
  printf("0");
  for (int fd = 1; fd < 4096; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) printf(" %d", fd);
  printf("; open gives %d\n", open("/dev/null", O_RDONLY));
  fflush(stdout);
}

int main(void) {
  list();
  if (fork() == 0) {
    list();
    _exit(0);
  }
  wait(0);
  return 0;
}
