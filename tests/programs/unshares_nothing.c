// Calls unshare(0), with an exit handler, and returns 3.
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static void handler(void) { write(1, "handler\n", 8); }

int main(void) { return atexit(handler) || unshare(0) ? 1 : 3; }
