#include "tool/companion.h"

#include <sys/auxv.h>

#include <stdexcept>

namespace axshim::tool {

namespace fs = std::filesystem;

// Without /proc, as we were started: a relative path is of the directory that we are in.
fs::path own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::canonical(reinterpret_cast<const char *>(getauxval(AT_EXECFN))) : path;
}

fs::path find_companion(const std::string &name, const std::vector<std::string> &directories) {
  const fs::path here = own_path().parent_path();
  for (const std::string &directory : directories) {
    std::error_code error;
    const fs::path path = fs::canonical(here / directory / name, error);
    if (!error) return path;
  }
  throw std::runtime_error(name + " is neither in " + here.string() + " nor in " + directories.back());
}

}  // namespace axshim::tool
