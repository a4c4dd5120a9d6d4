// Output pending in a wide stream, one in memory, and one with functions of its own; leaves by _exit(3).
#include <stdio.h>
#include <unistd.h>
#include <wchar.h>

static ssize_t take(void *unused, const char *text, size_t size) {
  (void)unused;
  return write(1, text, size);
}

int main(void) {
  FILE *wide = fopen("wide", "w"), *memory = fmemopen(0, 100, "w");
  FILE *cookie = fopencookie(0, "w", (cookie_io_functions_t){.write = take});
  fputws(L"wide", wide);
  fputs("memory", memory);
  fputs("cookie", cookie);
  _exit(3);
}
