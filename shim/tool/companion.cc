#include "tool/companion.h"

#include <stdexcept>

namespace axshim::tool {

namespace fs = std::filesystem;

fs::path find_companion(const std::string &name, const std::vector<std::string> &directories) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  for (const std::string &directory : directories) {
    std::error_code error;
    const fs::path path = fs::canonical(here / directory / name, error);
    if (!error) return path;
  }
  throw std::runtime_error(name + " is neither in " + here.string() + " nor in " + directories.back());
}

}  // namespace axshim::tool
