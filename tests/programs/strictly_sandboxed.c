// In seccomp's strict mode, set by argv[1] (prctl, syscall), where only read, write, exit and sigreturn are
// left, it ends by a raw exit(7).
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const int by_prctl = argc < 2 || *argv[1] == 'p';
  if (by_prctl && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) return 1;
  if (!by_prctl && syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0) != 0) return 2;
  write(1, "strict\n", 7);
  syscall(SYS_exit, 7);
}
