// Has axshim.hpp remove what is at argv[1].
#include <axshim/axshim.hpp>

static axshim::temp_manager files;

int main(int, char **argv) { files.track(argv[1]); }
