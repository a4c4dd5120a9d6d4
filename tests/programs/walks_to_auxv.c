// Looks for the page size in the auxiliary vector behind the environment, as the kernel lays them out, and
// prints it with its place there.
#include <elf.h>
#include <stdio.h>

static void show(const char *name, char **strings) {
  while (*strings) ++strings;
  const Elf64_auxv_t *vector = (const Elf64_auxv_t *)(strings + 1);
  for (int i = 0; i < 64 && vector[i].a_type != AT_NULL; ++i)
    if (vector[i].a_type == AT_PAGESZ) printf("behind %s: %lu at %d\n", name, vector[i].a_un.a_val, i);
}

int main(int argc, char **argv, char **envp) {
  show("argv", argv + argc + 1);
  show("envp", envp);
  return 0;
}
