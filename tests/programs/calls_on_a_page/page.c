// Calls argv[1] on a stack of 4096 bytes with a guard below, an exit handler being registered; with "in a
// child" as argv[2] a fork child does, and its parent tells how it ended.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "calls.h"

static ucontext_t main_context, page;
static char **arguments;
static int status;

static void bye(void) {}
static void on_page(void) {
  if (arguments[2] == 0 || fork() == 0) return call(arguments[1]);
  wait(&status);
}

int main(int argc, char **argv) {
  enum { kGuard = 1 << 16, kSize = 4096 };
  char *space = mmap(0, kGuard + kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (argc < 2 || space == MAP_FAILED || mprotect(space, kGuard, PROT_NONE) || atexit(bye)) return 1;
  arguments = argv;
  getcontext(&page);
  page.uc_stack = (stack_t){.ss_sp = space + kGuard, .ss_size = kSize};
  page.uc_link = &main_context;
  makecontext(&page, on_page, 0);
  swapcontext(&main_context, &page);
  printf("came back, a child: %#x\n", status);
  return 0;
}
