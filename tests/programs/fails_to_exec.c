// Execs that fail: each argument, or NULL where there is none, then once more in a child. Prints errno and
// how many descriptors are open after each.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void try_to_exec(const char *path) {
  char *const args[] = {"nothing", 0};
  const int result = execve(path, args, environ), error = errno;
  DIR *descriptors = opendir("/proc/self/fd");
  int count = -3;  // ".", ".." and that of the directory
  while (readdir(descriptors)) ++count;
  closedir(descriptors);
  printf("%d, errno %d, %d open\n", result, error, count);
  fflush(stdout);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) try_to_exec(argv[i]);
  if (argc > 1 && fork() > 0) return wait(0) < 0;
  try_to_exec(argc > 1 ? argv[1] : 0);
  _exit(0);
}
