// Declares argv[1] through axshim.h; status 1 where it is refused.
#include <axshim/axshim.h>

int main(int argc, char **argv) { return argc < 2 || axshim_declare(argv[1]) == 0; }
