// Execs /bin/true in a child that shares its memory, on a stack of 4096 bytes with a guard below.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const args[] = {"true", 0};
static int child(void *unused) {
  (void)unused;
  execve("/bin/true", args, environ);
  _exit(127);
}

int main(void) {
  enum { kGuard = 1 << 16, kSize = 4096 };
  int status = -1;
  char *space = mmap(0, kGuard + kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED || mprotect(space, kGuard, PROT_NONE)) return 1;
  const int pid = clone(child, space + kGuard + kSize, CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return 2;
  printf("child: wait status %#x\n", status);
  return 0;
}
