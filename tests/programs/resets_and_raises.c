// Handles SIGTERM once (SA_RESETHAND) and raises it again in the handler, as node does.
#include <signal.h>

static void on_term(int signal) { raise(signal); }

int main(void) {
  struct sigaction action = {.sa_handler = on_term, .sa_flags = SA_RESETHAND | SA_NODEFER};
  sigaction(SIGTERM, &action, 0);
  raise(SIGTERM);
  return 1;
}
