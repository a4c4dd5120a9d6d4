// Handles SIGTERM and then restores the default action, both by the function that argv[1] names; says "ready"
// and waits for a signal.
#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void own(int number) { _exit(number); }

int main(int argc, char **argv) {
  const struct sigaction handled = {.sa_handler = own}, by_default = {.sa_handler = SIG_DFL};
  sighandler_t (*const set)(int, sighandler_t) = dlsym(RTLD_DEFAULT, argc > 1 ? argv[1] : "signal");
  if (strcmp(argv[1], "sigaction")) {
    if (set(SIGTERM, own) == SIG_ERR || set(SIGTERM, SIG_DFL) != own) return 1;
  } else {
    sigaction(SIGTERM, &handled, 0), sigaction(SIGTERM, &by_default, 0);
  }
  write(1, "ready\n", 6);
  return pause();
}
