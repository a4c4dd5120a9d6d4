// Forks with no room for another thousand pages; parent and child each register a cleanup after the other has.
#include <axshim/axshim.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(void *name) { write(1, name, strlen(name)); }

static rlim_t address_space(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%lu", &pages) != 1) return 0;
  return fclose(file) == 0 ? pages * 4096 : 0;
}

int main(void) {
  int go[2], status = -1;
  char token = 0;
  for (int i = 0; i < 20000; ++i) axshim_register(NULL, tell, "", 0);
  const struct rlimit limit = {address_space() + 200000, RLIM_INFINITY};
  if (pipe(go) != 0 || setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  if (fork() == 0) {
    if (axshim_register(NULL, tell, "child\n", 0) == 0) return 2;
    close(go[0]), close(go[1]);
    return 0;
  }
  close(go[1]), read(go[0], &token, 1);
  return axshim_register(NULL, tell, "parent\n", 0) == 0 || wait(&status) < 0 || status != 0;
}
