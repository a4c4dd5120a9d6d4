// A thread leaves in an SA_ONSTACK handler or, with an argument, after it. What is left of it then sees
// another thread in the same handler come and go, and prints the flags of its alternate stack.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
static pthread_key_t key;
static pthread_t thread;
static int leaves;

static void on_usr1(int number) {
  char room[100000];
  __builtin_memset(room, number, sizeof room);
  if (leaves && pthread_getspecific(key)) pthread_exit(0);
}
static void *work(void *value) { return pthread_setspecific(key, value), raise(SIGUSR1), value; }
static void destroy(void *) {
  stack_t stack;
  pthread_create(&thread, 0, work, 0), pthread_join(thread, 0);
  if (sigaltstack(0, &stack) == 0) printf("flags %d\n", stack.ss_flags);
}
int main(int argc, char **) {
  const struct sigaction action = {.sa_flags = SA_ONSTACK, .sa_handler = on_usr1};
  leaves = pthread_key_create(&key, destroy) == 0 && argc == 1;
  sigaction(SIGUSR1, &action, 0), pthread_create(&thread, 0, work, &key), pthread_exit(0);
}
