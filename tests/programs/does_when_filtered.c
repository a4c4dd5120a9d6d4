// With output in its streams it forbids itself all system calls but five, and those whose numbers follow
// argv[1], and does that: fork, handlers (registers 2000), default (of SIGTERM), or a word that end_by knows.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ends/causes.c"

static void nothing(void) {}
int main(int argc, char **argv) {
  int status, few[] = {SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_gettid};
  struct sock_filter rules[64] = {{BPF_LD | BPF_ABS, 0, 0, 0}}, *rule = rules + 1;
  for (int i = 0; i < argc + 3; ++i) {
    *rule++ = (struct sock_filter){BPF_JMP | BPF_JEQ, 0, 1, i < 5 ? few[i] : atoi(argv[i - 3])};
    *rule++ = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_ALLOW};
  }
  *rule++ = (struct sock_filter){BPF_RET, 0, 0, SECCOMP_RET_KILL_PROCESS};
  printf("not flushed"), fputs("nor this", fopen("/dev/null", "w"));
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){rule - rules, rules});
  if (!strcmp(argv[1], "fork") && fork() > 0) _exit(wait(&status) > 0 ? status >> 8 : 1);
  for (int i = 0; i < 2000 && !strcmp(argv[1], "handlers"); ++i) atexit(nothing);
  end_by(!strcmp(argv[1], "default") && signal(SIGTERM, SIG_DFL) == SIG_DFL ? "sigterm" : argv[1]);
}
