// Forbids itself most system calls, then ends by argv[1]. argv[2], if any, is opened as 2 before.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const short allowed[] = {SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_gettid, SYS_pause};
  struct sock_filter rules[9] = {{BPF_LD | BPF_ABS, 0, 0, 0}};
  for (int i = 0; i < 6; ++i) rules[i + 1] = (struct sock_filter){BPF_JMP | BPF_JEQ, 6 - i, 0, allowed[i]};
  rules[7] = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_KILL_PROCESS};
  rules[8] = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_ALLOW};
  const struct sock_fprog filter = {9, rules};
  if (argc > 2 && (close(2) || open(argv[2], O_WRONLY | O_CREAT, 0600) != 2)) return 1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 2;
  if (*argv[1] == 'e' || *argv[1] == '_') (*argv[1] == 'e' ? exit : _exit)(0);
  if (*argv[1] == 'b') __asm__ volatile("int3");
  return *argv[1] == 'w' ? (int)write(1, "ready\n", 6) + pause() : *argv[1] == 'n' ? *(volatile int *)0 : 0;
}
