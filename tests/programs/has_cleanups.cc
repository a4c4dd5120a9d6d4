// Exports functions for call:SYMBOL, good and bad ones, and ends as argv[1] says: exit, _exit or segv (8).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern "C" {
void cleanup_prints() { write(1, "cleaned\n", 8); }
void cleanup_crashes() { *static_cast<volatile int *>(nullptr) = 1; }
void cleanup_hangs() { sleep(1000000); }
void cleanup_spins() {
  while (getpid() > 0) continue;
}
void cleanup_exits() { exit(99); }
void cleanup__exits() { _exit(99); }
void cleanup_aborts() { abort(); }
void cleanup_throws() { throw 1; }
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (!strcmp(how, "segv")) cleanup_crashes();
  if (!strcmp(how, "_exit")) _exit(8);
  exit(8);
}
