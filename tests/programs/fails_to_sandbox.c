// Asks for a seccomp filter in ways that fail, says "ready", and ends by argv[1], a word that end_by knows,
// or waits for a signal.
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "ends/causes.c"

int main(int argc, char **argv) {
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0) == 0) return 1;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 0) == 0) return 2;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, 0) == 0) return 3;
  dprintf(1, "ready\n");
  if (argc > 1) end_by(argv[1]);
  return pause();
}
