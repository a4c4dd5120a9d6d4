// Forbids itself all but write, rt_sigreturn and exit_group; then ends by argv[1] (return, exit, _exit, null,
// illegal), or prints (query: rt_sigaction too) what it is told of its signals.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char line[64], how = argc < 2 ? 0 : *argv[1];
  struct sigaction now = {.sa_flags = 0};
  const short allowed[] = {SYS_write, how == 'q' ? SYS_rt_sigaction : SYS_write, SYS_rt_sigreturn,
                           SYS_exit_group};
  struct sock_filter rules[7] = {{BPF_LD | BPF_ABS, .k = 0},
                                 [5] = {BPF_RET, .k = SECCOMP_RET_KILL},
                                 [6] = {BPF_RET, .k = SECCOMP_RET_ALLOW}};
  for (int i = 0; i < 4; ++i) rules[i + 1] = (struct sock_filter){BPF_JMP | BPF_JEQ, 4 - i, 0, allowed[i]};
  const struct sock_fprog filter = {7, rules};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &filter)) return 2;
  if (how == 'e' || how == '_') (how == 'e' ? exit : _exit)(3);
  for (int i = 1; i < 32 && how == 'q' && sigaction(i, 0, &now) < 2; ++i)
    write(1, line, sprintf(line, "%d: flags %x\n", i, now.sa_flags));
  return how == 'i' ? __builtin_trap(), 1 : how == 'n' ? *(volatile int *)0 : 3;
}
