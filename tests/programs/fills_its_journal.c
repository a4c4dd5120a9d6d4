// Registers 300,000 cleanups with names and declares unlink:late; waits for a signal.
#include <axshim/axshim.h>
#include <stdio.h>
#include <unistd.h>

static void nothing(void *ignored) { (void)ignored; }

int main(void) {
  char name[64];
  for (int i = 0; i < 300000; ++i) {
    snprintf(name, sizeof name, "number %d of many", i);
    if (axshim_register(name, nothing, NULL, 0) == 0) return 1;
  }
  if (axshim_declare("unlink:late") == 0) return 2;
  write(1, "ready\n", 6);
  return pause();
}
