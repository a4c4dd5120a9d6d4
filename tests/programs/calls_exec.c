// Becomes /bin/false through the member of the exec family that argv[1] names.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv) {
  const char *path = "/bin/false", *how = argc > 1 ? argv[1] : "";
  char *const args[] = {"false", 0};
  if (!strcmp(how, "execl")) execl(path, "false", NULL);
  if (!strcmp(how, "execle")) execle(path, "false", NULL, environ);
  if (!strcmp(how, "execlp")) execlp("false", "false", NULL);
  if (!strcmp(how, "execv")) execv(path, args);
  if (!strcmp(how, "execve")) execve(path, args, environ);
  if (!strcmp(how, "execvp")) execvp("false", args);
  if (!strcmp(how, "execvpe")) execvpe("false", args, environ);
  if (!strcmp(how, "fexecve")) fexecve(open(path, O_RDONLY | O_CLOEXEC), args, environ);
  if (!strcmp(how, "execveat")) execveat(AT_FDCWD, path, args, environ, 0);
  return 126;
}
