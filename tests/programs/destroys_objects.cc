// A static object is destroyed, and the file has a destructor function; ends by argv[1] (_exit, sigterm, else
// exit).
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct Guard {
  ~Guard() { write(1, "destroyed\n", 10); }
};
static const Guard guard;

__attribute__((destructor)) static void finish() { write(1, "finished\n", 9); }

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (!strcmp(how, "_exit")) _exit(3);
  while (!strcmp(how, "sigterm")) kill(getpid(), SIGTERM), pause();
  return 3;
}
