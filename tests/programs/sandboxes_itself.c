// By argv[1] (prctl, raw, syscall) forbids itself most system calls, as OpenSSH does, and ends by argv[2].
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const unsigned allowed[] = {SYS_read,   SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn,
                              SYS_gettid, SYS_brk,   SYS_mmap, SYS_munmap,     SYS_clock_gettime};
  struct sock_filter rules[32] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}}, *rule = rules + 1;
  for (unsigned i = 0; i < sizeof allowed / sizeof *allowed; ++i) {
    *rule++ = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 1, allowed[i]};
    *rule++ = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
  }
  *rule++ = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS};
  struct sock_fprog filter = {rule - rules, rules};
  if (argc < 3 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  if (*argv[1] == 'p' && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 2;
  if (*argv[1] == 'r' && syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 2;
  if (*argv[1] == 's' && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter)) return 2;
  if (*argv[2] == 'e' || *argv[2] == '_') (*argv[2] == 'e' ? exit : _exit)(3);
  return *argv[2] == 'n' ? *(volatile int *)0 : syscall(SYS_exit, 6);
}
