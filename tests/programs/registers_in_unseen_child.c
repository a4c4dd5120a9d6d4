// Declares write:log=once; a child by _Fork, of which no atfork handler hears, registers a handler and is
// killed. Then it says "ready".
#include <axshim/axshim.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing(void) {}

int main(void) {
  axshim_declare("write:log=once");
  if (_Fork() == 0) return atexit(nothing) || kill(getpid(), SIGKILL);
  wait(NULL);
  puts("ready"), fflush(stdout);
  for (;;) pause();
}
