// Writes three logs into the working directory, each in its own way. Ends by argv[1], a word that end_by
// knows.
#include <axshim/axshim.hpp>
#include <fstream>

#include "ends/causes.c"

static axshim::file_logger lines("lines.log");  // each line is written at once
static std::ofstream stream("stream.log");      // buffered by C++

int main(int, char **argv) {
  axshim_declare("write:lines.log=the end");
  FILE *const buffered = fopen("stdio.log", "w");  // buffered by C
  if (buffered == nullptr) return 9;
  axshim::flush_on_exit(buffered);
  axshim::at_exit([] { stream.flush(); });
  lines.log("started"), fputs("started\n", buffered), stream << "started\n";
  end_by(argv[1]);
}
