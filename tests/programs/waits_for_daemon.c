// Waits for a child that starts a session, by argv[1] one that cannot (leader) or that then becomes another
// program (execs).
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (fork() > 0) return wait(0) < 0;
  if (!strcmp(argv[argc - 1], "leader")) setpgid(0, 0);
  const pid_t session = setsid();
  if (!strcmp(argv[argc - 1], "execs")) execl("/bin/true", "true", (char *)0);
  return session < 0;
}
