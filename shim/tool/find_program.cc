#include "tool/find_program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <system_error>

namespace axshim::tool {
namespace {

// 0, or why not.
int try_program(const std::string &path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

bool is_absent(int error) { return error == ENOENT || error == ENOTDIR; }

}  // namespace

std::string find_program(const std::string &name) {
  int error = ENOENT;
  std::string refused = name;
  if (name.find('/') != std::string::npos) {
    if ((error = try_program(name)) == 0) return name;
  } else if (!name.empty()) {
    const char *path = getenv("PATH");
    std::istringstream directories(std::string(path != nullptr ? path : "/bin:/usr/bin") + ':');
    for (std::string directory; std::getline(directories, directory, ':');) {
      const std::string file = (directory.empty() ? "." : directory) + '/' + name;
      const int why = try_program(file);
      if (why == 0) return file;
      if (!is_absent(why) && why != EISDIR && is_absent(error)) {
        error = why;
        refused = file;
      }
    }
  }
  if (is_absent(error)) throw NoProgram((name.empty() ? "an empty name" : name) + ": not found", 127);
  throw NoProgram(refused + ": " + std::generic_category().message(error), 126);
}

}  // namespace axshim::tool
