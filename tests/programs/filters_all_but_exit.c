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
  struct sigaction now;
  char line[64], how = argc < 2 ? 0 : *argv[1];
  const short allowed[] = {SYS_write, SYS_rt_sigreturn, SYS_exit_group,
                           how == 'q' ? SYS_rt_sigaction : SYS_write};
  struct sock_filter rules[7] = {{BPF_LD | BPF_ABS, 0, 0, 0}}, *rule = rules + 5;
  for (int i = 0; i < 4; ++i) rules[i + 1] = (struct sock_filter){BPF_JMP | BPF_JEQ, 4 - i, 0, allowed[i]};
  *rule++ = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_KILL_PROCESS};
  *rule++ = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_ALLOW};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &(struct sock_fprog){7, rules}))
    return 2;
  if (how == 'e' || how == '_') (how == 'e' ? exit : _exit)(3);
  if (how == 'i') __builtin_trap();
  for (int i = 1; i < 32 && how == 'q'; ++i)
    if (!sigaction(i, 0, &now)) write(1, line, sprintf(line, "%d: flags %x\n", i, now.sa_flags));
  return how == 'n' ? *(volatile int *)0 : 3;
}
