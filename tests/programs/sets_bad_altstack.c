// Prints what sigaltstack says to pointers that lead nowhere.
#include <errno.h>
#include <signal.h>
#include <stdio.h>

int main(void) {
  stack_t *const nowhere = (stack_t *)8;
  int result = sigaltstack(nowhere, 0);
  printf("new: %d, errno %d\n", result, errno);
  errno = 0;
  result = sigaltstack(0, nowhere);
  printf("old: %d, errno %d\n", result, errno);
  return 0;
}
