// By hand, as servers do: the parent exits at once, the child starts a session, prints its pid and exits.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  pid_t child = fork();
  if (child < 0) return 1;
  if (child > 0) exit(0);
  setsid();
  printf("%d\n", (int)getpid());
  exit(0);
}
