// Writes to a pager of its own by 1 and 2, and at exit closes both and waits for it.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void wait_for_pager(void) {
  fflush(stdout);
  close(1);
  close(2);
  wait(NULL);
}

int main(void) {
  int ends[2];
  if (pipe(ends) != 0) return 1;
  if (fork() == 0) {
    dup2(ends[0], 0);
    close(ends[0]);
    close(ends[1]);
    execl("/bin/cat", "cat", (char *)NULL);
  }
  for (int fd = 1; fd <= 2; ++fd) dup2(ends[1], fd);
  close(ends[0]), close(ends[1]);
  atexit(wait_for_pager);
  return puts("a page") < 0;
}
