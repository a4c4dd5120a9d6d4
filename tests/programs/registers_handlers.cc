// Registers the exit handlers that argv[2...] name, then ends by argv[1], with status 3.
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
void prints() { write(1, "printed\n", 8); }
void prints_too() { write(1, "printed too\n", 12); }
void exits() { exit(9); }
void _exits() { _exit(9); }
void throws() { throw 1; }
void crashes() { *static_cast<volatile int *>(nullptr) = 1; }
void hangs() { sleep(1000000); }
void registers() { atexit(prints); }
}

int main(int argc, char **argv) {
  for (int i = 2; i < argc; ++i) atexit(reinterpret_cast<void (*)()>(dlsym(nullptr, argv[i])));
  if (*argv[1] == 's') syscall(SYS_exit_group, 3);
  while (*argv[1] == 'k') kill(getpid(), SIGTERM), pause();
  (*argv[1] == '_' ? _exit : exit)(3);
}
