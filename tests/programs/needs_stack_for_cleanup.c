// A cleanup that is signal-safe uses 128 KiB of stack; the process dies by SIGSEGV, or of a stack overflow.
#include <alloca.h>
#include <axshim/axshim.h>
#include <string.h>
#include <unistd.h>

static void use_stack(void *unused) {
  char *memory = alloca(126 * 1024);
  memset(memory, 1, 126 * 1024);
  write(1, "enough\n", memory[0] == 1 && unused == NULL ? 7 : 0);
}
static int overflow(volatile char *above) {
  volatile char frame[4096];
  frame[0] = *above;
  return above == NULL ? 0 : overflow(frame) + frame[0];
}

int main(int argc, char **argv) {
  axshim_register("use_stack", use_stack, NULL, AXSHIM_SIGNAL_SAFE);
  if (argc > 1) return overflow(argv[1]);
  *(volatile int *)0 = 1;
}
