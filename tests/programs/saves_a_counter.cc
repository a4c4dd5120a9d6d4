// Counts how often it was started, in the file argv[1]; saves that when it ends, by argv[2], a word that
// end_by knows.
#include <axshim/axshim.hpp>
#include <fstream>

#include "ends/causes.c"

static long counter = 0;

static void save(const std::string &path) { std::ofstream(path) << counter << '\n'; }

int main(int, char **argv) {
  std::ifstream(argv[1]) >> counter;
  axshim::at_exit(save, argv[1]);
  ++counter;
  end_by(argv[2]);
}
