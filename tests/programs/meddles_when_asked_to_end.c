// Says "ready" and waits for SIGTERM; its exit handler then does what argv[1] says, and tells. crash() is for
// call:.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *how;

void crash(void) { *(volatile int *)0 = 1; }
static void meddle(void) {
  int ends[2];
  if (!strcmp(how, "takes_its_time")) usleep(2500000);
  if (!strcmp(how, "changes_group")) setgid(getgid());
  if (!strcmp(how, "breaks_a_pipe") && !pipe(ends)) close(ends[0]), write(ends[1], "x", 1);
  for (; !strcmp(how, "ignores_the_signal"); pause()) signal(SIGTERM, SIG_IGN);
  write(1, "handler\n", 8);
}

int main(int argc, char **argv) {
  how = argv[argc - 1];
  if (atexit(meddle) || write(1, "ready\n", 6) != 6) return 1;
  pause();
  write(1, "went on\n", 8);
}
