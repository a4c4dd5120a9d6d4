// Sets a handler of SIGTERM by argv[1] (__sigaction, handle: through a handle of libc) and gets one: the
// handler calls the old one, if any, which takes one argument alone, and dies by SIG_DFL.
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef int Sigaction(int, const struct sigaction *, struct sigaction *);
extern Sigaction __sigaction;
static struct sigaction old;

static void on_term(int number) {
  // What the registers of further arguments hold is up to the compiler.
  void (*const call)(int, long, long) = (void *)old.sa_handler;
  if (old.sa_handler != SIG_DFL) call(number, 8, 8);
  signal(number, SIG_DFL);
  raise(number);
}
int main(int argc, char **argv) {
  const struct sigaction own = {.sa_handler = on_term, .sa_flags = SA_NODEFER};
  Sigaction *handle = dlsym(dlopen("libc.so.6", RTLD_LAZY), "sigaction");
  if (argc < 2 || (*argv[1] == 'h' ? handle : __sigaction)(SIGTERM, &own, &old)) return 1;
  if (*argv[1] == '_') dprintf(1, "default %d, flags %x\n", old.sa_handler == SIG_DFL, old.sa_flags);
  return kill(getpid(), SIGTERM);
}
