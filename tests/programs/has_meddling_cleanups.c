// Exports functions for call:SYMBOL that meddle with their process. Ends by argv[1] (exit, _exit), with 3.
#include <assert.h>
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void meddle_assert(void) { assert(!"possible"); }
void meddle_errx(void) { errx(9, "giving up"); }
void meddle_pthread_exit(void) { pthread_exit(0); }
void meddle_segv(void) {  // from outside, not by a fault
  if (system("kill -SEGV $PPID") == 0) write(1, "sent\n", 5);
}
void meddle_fork(void) {  // the child returns
  if (fork() > 0 && wait(0) > 0) write(1, "child ended\n", 12);
}
void meddle_write(void) { write(1, "written\n", 8); }

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "_exit")) _exit(3);
  exit(3);
}
