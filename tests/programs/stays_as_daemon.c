// Prints the pid of a child that stays, for a minute at most, in a session and with stdio of its own.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  const pid_t child = fork();
  if (child > 0) printf("%d\n", (int)child);
  if (child != 0) return child < 0;
  setsid();
  for (int fd = 0; fd < 3; ++fd) close(fd);
  open("/dev/null", O_RDWR);
  alarm(60);
  for (;;) pause();
}
