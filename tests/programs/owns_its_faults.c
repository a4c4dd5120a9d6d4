// As virtual machines and sanitizers do: repairs a fault that it expects, and of another one gives the signal
// back; then, by argv[1], it returns for the fault to come again, or raises it.
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char stack[1 << 16], *page, *how;
static struct sigaction old;

static void on_fault(int number, siginfo_t *info, void *context) {
  if (info->si_addr == page && context && mprotect(page, 1, PROT_WRITE) == 0) return;
  write(1, "fatal\n", 6);
  strcmp(how, "signal") ? (void)sigaction(number, &old, 0) : (void)signal(number, SIG_DFL);
  if (strcmp(how, "returns")) raise(number);
}
int main(int argc, char **argv) {
  const struct sigaction own = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  how = argv[argc - 1];
  page = mmap(0, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, 0);
  sigaction(SIGSEGV, &own, &old);
  *page = 1;
  return old.sa_handler == SIG_DFL ? *(volatile int *)8 : 1;
}
