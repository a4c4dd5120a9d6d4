// Lists the descriptors that are open, and what open returns, as the process ends: in an exit handler (those
// below 100), in a child that it forks, and in exit's flush, by a stream of its own.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void list(const char *where, int most) {
  dprintf(1, "%s:", where);
  for (int fd = 0; fd < most; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) dprintf(1, " %d", fd);
  dprintf(1, "; open gives %d\n", open("/dev/null", O_RDONLY));
}
static void handler(void) {
  list("handler", 100);
  if (fork() == 0) list("child", 4096), _exit(0);
  wait(0);
}
static ssize_t flush(void *, const char *, size_t size) { return list("flush", 4096), (ssize_t)size; }

int main(void) {
  fputs("text", fopencookie(0, "w", (cookie_io_functions_t){.write = flush}));
  return atexit(handler);
}
