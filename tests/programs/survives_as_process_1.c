// Process 1 of a PID namespace, made by argv[1] (clone, syscall), gets a SIGTERM from argv[2] (itself,
// parent), which the kernel ignores there, and prints what that changed. 77: it may not be made.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int ends[2], caught, blocked, result, pid, by_parent, flags = SIGCHLD | CLONE_NEWPID;
static char stack[1 << 16] __attribute__((aligned(16)));
static void on_usr1(int number) { caught = number; }
static int child(void *mask) {
  result = by_parent ? (int)read(ends[0], stack, 1) : kill(getpid(), SIGTERM);
  for (int i = sigprocmask(SIG_BLOCK, 0, mask); ++i < 32;) blocked += sigismember(mask, i);
  signal(SIGUSR1, on_usr1), kill(getpid(), SIGUSR1);
  _exit(dprintf(1, "%d: %d, %d blocked, caught %d\n", getpid(), result, blocked, caught) < 0);
}
int main(int argc, char **argv) {
  sigset_t mask;
  if (argc < 3 || pipe(ends) || (geteuid() && unshare(CLONE_NEWUSER))) return 77;
  const int is_raw = *argv[1] == 's', parent = by_parent = *argv[2] == 'p';
  pid = is_raw ? syscall(SYS_clone, flags, 0, 0, 0, 0) : clone(child, stack + sizeof stack, flags, &mask);
  if (pid <= 0) return pid < 0 ? 77 : child(&mask);
  return (parent && (kill(pid, SIGTERM) || write(ends[1], "", 1) != 1)) || wait(0) != pid;
}
