// Like Go: an SA_ONSTACK handler set by the kernel ("kernel") or by libc with all signals blocked ("libc"),
// and an alternate stack by no function of libc's. Says whether another handler, which libc installs, runs
// there.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char own[1 << 16];
static int is_there;
static void handle(int number) { is_there = (size_t)((char *)&number - own) < sizeof own; }

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK}, blocks_all = action;
  const stack_t stack = {.ss_sp = own, .ss_size = sizeof own};
  unsigned long raw[4];  // handler, flags, restorer, mask
  signal(SIGURG, handle);
  if (syscall(SYS_rt_sigaction, SIGURG, 0, raw, 8) != 0) return 1;
  raw[1] |= SA_ONSTACK;
  if (!strcmp(argv[1], "kernel") && syscall(SYS_rt_sigaction, SIGURG, raw, 0, 8) != 0) return 1;
  if (!strcmp(argv[1], "altstack first")) syscall(SYS_sigaltstack, &stack, 0);
  sigaction(SIGUSR1, &action, 0);
  sigfillset(&blocks_all.sa_mask);
  if (!strcmp(argv[1], "libc")) sigaction(SIGURG, &blocks_all, 0);
  syscall(SYS_sigaltstack, &stack, 0);
  raise(SIGUSR1);
  return puts(is_there ? "there" : argv[argc - 1]) < 0;
}
