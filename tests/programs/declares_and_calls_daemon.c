// Declares through axshim.h that its file goes with the daemon that it becomes. Stdout stays open until then.
#include <axshim/axshim.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  close(open("pid", O_CREAT, 0600));
  if (axshim_declare("unlink:pid @daemon") == 0 || pipe(ends) != 0) return 2;
  if (daemon(1, 1) != 0) return 1;
  close(ends[1]);
  read(ends[0], ends, 1);  // the end of the parent
  puts(access("pid", F_OK) == 0 ? "the file is there" : "the file is gone");
}
