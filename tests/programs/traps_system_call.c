// A seccomp filter answers getppid with SIGSYS, and lets everything else pass.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  struct sock_filter rules[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                                {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid},
                                {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRAP},
                                {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  struct sock_fprog filter = {4, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return 2;
  getppid();
  return 7;
}
