#include <err.h>
#include <errno.h>

int main(void) {
  errno = ENOENT;
  err(3, "no %s", "luck");
}
