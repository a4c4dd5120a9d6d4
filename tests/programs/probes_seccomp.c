// Asks the kernel which seccomp actions there are, as libseccomp does, which filters nothing; then SIGTERM.
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const unsigned action = SECCOMP_RET_ERRNO;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return 1;
  raise(SIGTERM);
}
