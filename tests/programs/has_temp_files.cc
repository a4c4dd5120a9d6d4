// A temporary tree with a link in it to the directory argv[2], an open temporary file, and a tracked link to
// that same directory. Ends by argv[1], a word that end_by knows.
#include <axshim/axshim.hpp>

#include "ends/causes.c"

static axshim::temp_manager files;

int main(int, char **argv) {
  const std::string directory = files.mkdtemp("tree-"), inner = directory + "/inner",
                    link = directory + ".link";
  mkdir(inner.c_str(), 0700), symlink(argv[2], (inner + "/link").c_str());
  axshim::file_logger((inner + "/file")).log("text");
  const axshim::temp_manager::file file = files.mkstemp("file-");
  symlink(argv[2], link.c_str()), files.track(link);
  struct stat status;
  const bool is_private = fstat(file.fd, &status) == 0 && (status.st_mode & 0777) == 0600;
  const bool is_closed_by_exec = fcntl(file.fd, F_GETFD) == FD_CLOEXEC;
  dprintf(1, "%d %d %d\n", is_private, is_closed_by_exec, access((inner + "/link").c_str(), R_OK));
  close(file.fd);
  end_by(argv[1]);
}
