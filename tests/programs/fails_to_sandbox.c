// Asks for a seccomp filter in ways that fail, and then dereferences a null pointer.
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0) == 0) return 1;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 0) == 0) return 2;
  return *(volatile int *)0;
}
