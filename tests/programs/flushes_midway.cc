// Has a stream flushed by run(), in the midst of writing to it, and of reading and writing.
#include <axshim/axshim.hpp>

static void overwrite(const char *mode, const char *skipped) {
  FILE *const stream = fopen("file", mode);
  if (stream == nullptr) return;
  axshim::flush_on_exit(stream);
  for (; *skipped != '\0' && getc(stream) == *skipped; ++skipped) continue;
  fputs("two ", stream), axshim::run(), fputs("three", stream);
  fclose(stream);
}

int main() {
  overwrite("w", "");
  overwrite("r+", "two ");
  overwrite("a", "");
}
