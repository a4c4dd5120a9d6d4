#include "tool/oom.h"

#include <fstream>
#include <string>

namespace axshim::tool {
namespace {

// Below /sys/fs/cgroup, or below unified where version 1 is mounted too.
std::string own_cgroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "";
}

}  // namespace

std::optional<int64_t> oom_kills() {
  const std::string cgroup = own_cgroup();
  if (cgroup.empty()) return std::nullopt;
  for (const char *mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    std::ifstream events(mount + cgroup + "/memory.events");
    std::string name;
    for (int64_t count; events >> name >> count;)
      if (name == "oom_kill") return count;
  }
  return std::nullopt;
}

}  // namespace axshim::tool
