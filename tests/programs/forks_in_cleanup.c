// Exports cleanups that make a child, by fork or vfork, which leaves in one way, and that print its wait
// status. Returns 3.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const args[] = {"true", 0};
static void wait_for_child(void) {
  int status = -1;
  wait(&status);
  dprintf(1, "%#x\n", status);
}

void fork_exit(void) { fork() == 0 ? _exit(4) : wait_for_child(); }
void fork_null(void) { fork() == 0 ? (void)*(volatile int *)0 : wait_for_child(); }
void fork_exec(void) { fork() == 0 ? _exit(execv("/bin/true", args)) : wait_for_child(); }
void vfork_exit(void) { vfork() == 0 ? _exit(5) : wait_for_child(); }
void vfork_exec(void) { vfork() == 0 ? _exit(execv("/bin/true", args)) : wait_for_child(); }
void vfork_fail(void) { vfork() == 0 ? _exit(execv("/nowhere", args)) : wait_for_child(); }

int main(void) { return 3; }
