#include "tool/oom.h"

#include <fstream>
#include <string>
#include <vector>

namespace axshim::tool {
namespace {

// Of our memory cgroup, where they are commonly mounted; version 2 is below unified beside version 1. A
// container may see its own as the root.
std::vector<std::string> files_of_counters() {
  std::vector<std::string> files;
  std::ifstream cgroups("/proc/self/cgroup");  // number:controllers:path
  for (std::string line; std::getline(cgroups, line);) {
    const size_t controllers = line.find(':') + 1;
    const std::string path = line.substr(line.find(':', controllers) + 1);
    if (line.starts_with("0::")) {
      for (const char *mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
        files.push_back(mount + path + "/memory.events");
    } else if ((',' + line.substr(controllers)).find(",memory") != line.npos) {
      for (const std::string &below : {path, std::string()})
        files.push_back("/sys/fs/cgroup/memory" + below + "/memory.oom_control");
    }
  }
  return files;
}

}  // namespace

std::optional<int64_t> oom_kills() {
  for (const std::string &file : files_of_counters()) {
    std::ifstream counters(file);
    std::string name;
    for (int64_t count; counters >> name >> count;)
      if (name == "oom_kill") return count;
  }
  return std::nullopt;
}

}  // namespace axshim::tool
