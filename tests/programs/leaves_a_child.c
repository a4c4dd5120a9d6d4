// Leaves with status argv[2], or by that signal where it is negative, and a child that has, by argv[1],
// become another program (execs), failed to become argv[3] (fails), or done nothing (stays, daemon, ended:
// there is another, which has ended). Once it is alone, the child starts a session (fails, daemon) and
// returns.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int alone[2], ready[2], status = pipe(alone) || argc < 4 ? 9 : atoi(argv[2]);
  siginfo_t info;
  if (!strcmp(argv[1], "ended") && (fork() == 0 || waitid(P_ALL, 0, &info, WEXITED | WNOWAIT))) _exit(0);
  if (pipe2(ready, O_CLOEXEC) == 0 && fork() == 0) {
    dup2(alone[0], 0), close(alone[1]), close(ready[0]);
    if (!strcmp(argv[1], "execs")) execl("/bin/cat", "cat", (char *)0);
    if (!strcmp(argv[1], "fails")) execl(argv[3], "nothing", (char *)0);
    close(ready[1]);
    return read(0, ready, 1) != 0 || ((*argv[1] == 'f' || *argv[1] == 'd') && setsid() < 0);
  }
  close(ready[1]);
  return read(ready[0], ready, 1) == 0 && status < 0 ? raise(-status) : status;
}
