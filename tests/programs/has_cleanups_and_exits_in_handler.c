// Has cleanups through axshim.h, and a signal handler that calls _exit.
#include <axshim/axshim.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void say(void *what) { write(1, what, strlen(what)); }
static void on_signal(int signal) { _exit(signal); }

int main(void) {
  axshim_register("ordinary", say, "ordinary\n", 0);
  axshim_register("safe", say, "safe\n", AXSHIM_SIGNAL_SAFE);
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
}
