// Prints what libc tells about each signal's disposition, and which descriptor open returns. Exports what
// prints the dispositions.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

void print_dispositions(void) {
  for (int number = 1; number < 32; ++number) {
    struct sigaction action;
    if (sigaction(number, 0, &action) != 0) continue;
    const char *handler = action.sa_handler == SIG_DFL   ? "default"
                          : action.sa_handler == SIG_IGN ? "ignored"
                                                         : "?";
    dprintf(1, "%d %s flags %x, mask %lx", number, handler, action.sa_flags, action.sa_mask.__val[0]);
    dprintf(1, action.sa_restorer ? ", a restorer\n" : "\n");
  }
}

int main(void) {
  stack_t stack;
  print_dispositions();
  sigaltstack(0, &stack);
  dprintf(1, "alternate stack flags %d, open gives %d\n", stack.ss_flags, open("/dev/null", O_RDONLY));
}
