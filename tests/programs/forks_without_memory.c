// Forks with no room for as many pages as its journal has; parent and child each register a cleanup, the
// parent last.
#include <axshim/axshim.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(void *name) { write(1, name, strlen(name)); }

int main(void) {
  int go[2], status = -1;
  unsigned long pages = 0;
  for (int i = 0; i < 20000; ++i) axshim_register(NULL, tell, "", 0);
  FILE *file = fopen("/proc/self/statm", "r");
  if (pipe(go) != 0 || file == NULL || fscanf(file, "%lu", &pages) != 1) return 1;
  const struct rlimit limit = {(pages - 100) * 4096, RLIM_INFINITY};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  if (fork() == 0) return axshim_register(NULL, tell, "child\n", 0) == 0 || close(go[0]) || close(go[1]);
  close(go[1]), read(go[0], &status, 1);
  return axshim_register(NULL, tell, "parent\n", 0) == 0 || wait(&status) < 0 || status != 0;
}
