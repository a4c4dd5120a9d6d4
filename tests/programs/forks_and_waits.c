// A fork child calls exit(0), the parent waits for it and returns 0; each prints its pid first.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  printf("%d\n", (int)getpid());
  fflush(stdout);
  if (fork() == 0) {
    printf("%d\n", (int)getpid());
    exit(0);
  }
  wait(0);
  return 0;
}
