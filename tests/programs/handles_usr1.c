// Says so when SIGUSR1 comes. Returns 3.
#include <signal.h>
#include <unistd.h>

static void on_usr1(int number) { write(1, "handled\n", number == SIGUSR1 ? 8 : 0); }

int main(void) { return signal(SIGUSR1, on_usr1) == SIG_ERR ? 1 : 3; }
