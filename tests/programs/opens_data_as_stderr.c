// What daemons do: descriptor 2 is closed, and the next file that is opened (argv[1]) becomes 2.
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  close(2);
  if (argc < 2 || open(argv[1], O_WRONLY | O_CREAT, 0600) != 2) return 1;
  write(2, "data", 4);
  _exit(3);
}
