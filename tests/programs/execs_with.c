// Becomes /bin/true, with its arguments as the environment.
#include <unistd.h>

int main(int argc, char **argv) {
  char *const args[] = {"true", 0};
  return argc > 0 ? execve("/bin/true", args, argv + 1) : 1;
}
