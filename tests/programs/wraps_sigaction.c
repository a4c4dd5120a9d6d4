// Has a sigaction and a signal of its own around libc's other names for them, as Erlang's VM has.
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#define NEXT(name, type) ((__typeof__(type) *)dlsym(RTLD_NEXT, name))

int sigaction(int signal, const struct sigaction *action, struct sigaction *old) {
  struct sigaction copy;
  if (action != NULL) copy = *action, copy.sa_flags |= SA_ONSTACK, action = &copy;
  return NEXT("__sigaction", int(int, const struct sigaction *, struct sigaction *))(signal, action, old);
}

void (*signal(int signal, void (*handler)(int)))(int) {
  return NEXT("bsd_signal", void (*(int, void (*)(int)))(int))(signal, handler);
}

static void handle(int signal) { (void)!write(1, signal == SIGUSR1 ? "usr1\n" : "usr2\n", 5); }

int main(void) {
  const struct sigaction action = {.sa_handler = handle};
  sigaction(SIGUSR1, &action, NULL);
  signal(SIGUSR2, handle);
  raise(SIGUSR1);
  raise(SIGUSR2);
  return 0;
}
