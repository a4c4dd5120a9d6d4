// Asks for clone3 as probes do, with pointers that are none.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  const long pointers[] = {0, 8, -4096};
  for (int i = 0; i < 6; ++i) {
    const long result = syscall(SYS_clone3, pointers[i / 2], i % 2 ? 88L : 0L);
    printf("%ld %s\n", result, strerror(errno));
  }
  return 0;
}
