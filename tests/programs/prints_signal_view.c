// Prints what libc tells about each signal's disposition, and which descriptor open returns.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

int main(void) {
  for (int number = 1; number < 32; ++number) {
    struct sigaction action;
    if (sigaction(number, 0, &action) != 0) continue;
    const char *handler = action.sa_handler == SIG_DFL   ? "default"
                          : action.sa_handler == SIG_IGN ? "ignored"
                                                         : "?";
    printf("%d %s flags %x\n", number, handler, action.sa_flags);
  }
  stack_t stack;
  sigaltstack(0, &stack);
  printf("alternate stack flags %d\n", stack.ss_flags);
  printf("open gives %d\n", open("/dev/null", O_RDONLY));
  return 0;
}
