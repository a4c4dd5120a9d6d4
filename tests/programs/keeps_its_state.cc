// Handling an exception it calls what the shim has hooks for (argv[1] is no program), and tells what each
// leaves of errno and of the floating point flags; and what an exit handler left, when the next one runs.
#include <errno.h>
#include <pthread.h>

#include "ends/causes.c"
#include "ends/processor.h"
static void tell(const char *what, long result) {
  printf("%s: %d, errno %d, flags %x\n", what, result == -1, errno, take_float_flags());
  errno = 77;
}
#define TRY(call) tell(#call, (long)(call))
static void leaves() { errno = 78; }
static void tells() { tell("handler", 0); }
static void *work(void *argument) { return argument; }
static void call_all(char *path, int self, pthread_t thread, stack_t stack, struct sigaction action) {
  TRY(atexit(tells)), TRY(atexit(leaves)), TRY(at_quick_exit(tells)), TRY(sigaltstack(0, &stack)),
      TRY(raise(0)), TRY(signal(10, SIG_DFL)), TRY(sigaction(10, 0, &action)), TRY(sigaction(10, &action, 0)),
      TRY(signal(65, 0)), TRY(kill(self, 0)), TRY(kill(self, 99)), TRY(killpg(0, 0)),
      TRY(tgkill(self, self, 0)), TRY(pthread_create(&thread, 0, work, 0)), TRY(pthread_join(thread, 0)),
      TRY(execl(path, path, nullptr)), TRY(execlp("nothing", "", nullptr)), TRY(fork() ? 0 : (_exit(0), 0));
}
int main(int, char **argv) try { throw argv[1]; } catch (char *path) {
  call_all(path, getpid(), {}, {}, {});
}
