// Says "ready"; tells its terminal each time that SIGINT comes; ends with status 5 when SIGCONT does.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void on_int(int number) { write(0, "interrupted\n", number == SIGINT ? 12 : 0); }
static void on_cont(int number) { _exit(number == SIGCONT ? 5 : 6); }

int main(void) {
  signal(SIGINT, on_int);
  signal(SIGCONT, on_cont);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
