// Registers 200,000 cleanups of its own and ends after a child that has none.
#include <axshim/axshim.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int ran;
static void count(void *ignored) { (void)ignored, ++ran; }
static void tell(void) { printf("%d ran\n", ran), fflush(stdout); }

int main(void) {
  int status = -1;
  atexit(tell);
  for (int i = 0; i < 200000; ++i)
    if (axshim_register(NULL, count, NULL, 0) == 0) return 1;
  if (fork() == 0) exit(0);
  return wait(&status) < 0 || status != 0;
}
