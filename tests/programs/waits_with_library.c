// dlopens argv[1], says "ready", waits for SIGUSR1, and calls _exit(3).
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  sigset_t set;
  int number;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  if (argc < 2 || !dlopen(argv[1], RTLD_NOW)) return 1;
  puts("ready");
  fflush(stdout);
  sigwait(&set, &number);
  _exit(3);
}
