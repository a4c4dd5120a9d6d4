// A handler with SA_ONSTACK, without an alternate stack, switches between two coroutines that each interrupt
// themselves a hundred times.
#include <signal.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

static ucontext_t main_context, coroutine[2];
static char stacks[2][1 << 16];
static volatile int current, turns[2];

static void on_usr1(int number) {
  const int before = current;
  (void)number;
  current = !before;
  swapcontext(&coroutine[before], &coroutine[current]);
}
static void run(int self) {
  for (int i = 0; i < 100; ++i, ++turns[self]) raise(SIGUSR1);
}
int main(void) {
  const struct sigaction action = {.sa_flags = SA_ONSTACK | SA_NODEFER, .sa_handler = on_usr1};
  sigaction(SIGUSR1, &action, 0);
  for (int i = 0; i < 2; ++i) {
    getcontext(&coroutine[i]);
    coroutine[i].uc_stack = (stack_t){.ss_sp = stacks[i], .ss_size = sizeof stacks[i]};
    coroutine[i].uc_link = &main_context;
    makecontext(&coroutine[i], (void (*)(void))run, 1, i);
  }
  swapcontext(&main_context, &coroutine[0]);
  return printf("%d and %d turns\n", turns[0], turns[1]) < 0;
}
