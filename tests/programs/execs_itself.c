// Becomes itself once, and says "ready".
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc == 1) return execl("/proc/self/exe", argv[0], "again", NULL);
  puts("ready"), fflush(stdout);
  for (;;) pause();
}
