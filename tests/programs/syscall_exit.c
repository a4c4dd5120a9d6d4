#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) { syscall(SYS_exit, argc > 1 ? atoi(argv[1]) : 0); }
