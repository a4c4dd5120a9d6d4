// Output pending in files of each mode: updated, appended to, sought in; leaves by argv[1] (_exit, segv, else
// exit).
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *file(const char *name, const char *mode, const char *text) {
  FILE *old = fopen(name, "w");
  fputs(text, old), fclose(old);
  return fopen(name, mode);
}

int main(int argc, char **argv) {
  FILE *updated = file("updated", "r+", "0123456789"), *appended = file("appended", "a", "0123456789");
  FILE *sought = file("sought", "w", ""), *both = file("both", "a+", "0123456789");
  for (int i = 0; i < 3; ++i) fgetc(updated), fgetc(both);
  fseek(updated, 0, SEEK_CUR), fputs("abc", updated);
  fputs("def", appended);
  fputs("0123456789", sought), fseek(sought, 4, SEEK_SET), fputs("ghi", sought);
  fseek(both, 0, SEEK_CUR), fputs("jkl", both);
  if (argc > 1 && *argv[1] == 's') return *(volatile int *)0;
  (argc > 1 && *argv[1] == '_' ? _exit : exit)(3);
}
