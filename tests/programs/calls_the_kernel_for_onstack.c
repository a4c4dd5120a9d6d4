// Like a runtime that makes its system calls itself: an SA_ONSTACK handler (with an argument) and an
// alternate stack by no function of libc's. Says whether a handler that libc installs in between runs there.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char own[1 << 16];
static int is_there;
static void handle(int number) { is_there = (size_t)((char *)&number - own) < sizeof own; }

int main(int argc, char **argv) {
  const struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
  const stack_t stack = {.ss_sp = own, .ss_size = sizeof own};
  struct {
    void *handler;
    unsigned long flags, rest[2];
  } raw;
  signal(SIGURG, handle);
  if (syscall(SYS_rt_sigaction, SIGURG, 0, &raw, 8) != 0) return 1;
  raw.flags |= SA_ONSTACK;
  if (argc > 1 && syscall(SYS_rt_sigaction, SIGURG, &raw, 0, 8) != 0) return 1;
  if (argc == 1) syscall(SYS_sigaltstack, &stack, 0);
  sigaction(SIGUSR1, &action, 0);
  if (argc > 1) syscall(SYS_sigaltstack, &stack, 0);
  raise(SIGUSR1);
  puts(is_there ? "there" : argv[argc - 1]);
}
