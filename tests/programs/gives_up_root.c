// Root becomes nobody in the way that it is told, says "ready" and waits.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { kNobody = 65534 };

int main(int argc, char **argv) {
  const char *way = argc > 1 ? argv[1] : "";
  int result = -1;
  if (strcmp(way, "setuid") == 0) result = setuid(kNobody);
  if (strcmp(way, "setreuid") == 0) result = setreuid(kNobody, kNobody);
  if (strcmp(way, "setresuid") == 0) result = setresuid(kNobody, kNobody, kNobody);
  if (strcmp(way, "seteuid") == 0) result = seteuid(kNobody);
  if (result != 0) return 1;
  puts("ready");
  fflush(stdout);
  pause();
}
