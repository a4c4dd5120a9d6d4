// dlopens and closes argv[1] 10,000 times, says whether its data grew by more than 512 KiB, opens it once
// more, and returns 0. What is mapped counts, not what is resident: that changes with the system's load.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static long data_pages(void) {
  long size = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  const int found = file ? fscanf(file, "%*d %*d %*d %*d %*d %ld", &size) : 0;
  return file && !fclose(file) && found == 1 ? size : -1;
}

int main(int argc, char **argv) {
  long before = 0;
  for (int i = 0; i < 10000; ++i) {
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : 0;
    if (!library || dlclose(library)) return 1;
    if (i == 1000) before = data_pages();
  }
  puts(before > 0 && data_pages() - before <= 128 ? "as large as before" : "grew");
  return !dlopen(argv[1], RTLD_NOW);
}
