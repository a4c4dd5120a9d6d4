// The processor's own trap on x86; elsewhere division by zero is no fault, so it is raised.
#include <signal.h>

int main(int argc, char **argv) {
  (void)argv;
  volatile int zero = argc - argc;
#if defined(__x86_64__)
  return argc / zero;
#else
  return zero + raise(SIGFPE);
#endif
}
