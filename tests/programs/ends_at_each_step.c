// Children register an exit handler, their second: the nth of them ends at the nth instruction of that, by
// argv[1], a word that end_by knows, or (fork) as its child, which calls exit(5). Prints how they end.
#include <sys/wait.h>

#include "ends/causes.c"
#include "ends/processor.h"

static const char *how;
static int left, status;

static void handler(void) {}
static void step(int number) {
  if (left-- > 0) return;
  if (strcmp(how, "fork")) end_by(how);
  _exit(fork() == 0 ? exit(5), number : (wait(&status), WEXITSTATUS(status)));
}
int main(int argc, char **argv) {
  how = argv[argc - 1];
  for (int n = 0, last = -1; status != 33 << 8; ++n, last = status) {
    if (fork() > 0 && wait(&status) > 0 && (status == last || dprintf(1, "%#x\n", status))) continue;
    left = n, signal(SIGTRAP, step), atexit(handler);
    single_steps(1), atexit(handler), single_steps(0);
    _exit(33);
  }
}
