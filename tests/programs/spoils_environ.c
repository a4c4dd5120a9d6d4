// With an environ that leads nowhere ends by argv[1] (illegal, fpe, null, abort, raise, _exit, return).
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  volatile int zero = 0;
  const char how = argc < 2 ? 0 : *argv[1];
  environ = (char **)0x1234;
  if (how == 'i') __builtin_trap();
  if (how == 'f') zero = 7 / zero;
  if (how == 'a') abort();
  if (argc > 1 && argv[1][1] == 'a') raise(SIGTERM);
  if (how == '_') _exit(3);
  return how == 'n' ? *(volatile int *)0 : 4;
}
