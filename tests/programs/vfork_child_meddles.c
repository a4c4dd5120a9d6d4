// A vfork child (argv[2]: of a fork child) does what argv[1] says. Its parent tells how it ended and waits.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct sock_filter allow = {BPF_RET, 0, 0, SECCOMP_RET_ALLOW};
  const struct sock_fprog filter = {1, &allow};
  int status = -1;
  if (argc > 2 && fork() > 0) return wait(&status) < 0 || status != 0;
  if (vfork() == 0) {
    if (!strcmp(argv[1], "setns")) setns(-1, 0);
    if (!strcmp(argv[1], "setsid")) setsid();
    if (!strcmp(argv[1], "filter")) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), prctl(PR_SET_SECCOMP, 2, &filter);
    _exit(3);
  }
  wait(&status);
  dprintf(1, "child: wait status %#x\n", status), write(1, "ready\n", 6);
  return strcmp(argv[1], "setsid") ? pause() : 0;
}
