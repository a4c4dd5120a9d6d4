#include "tool/process_stat.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace axshim::tool {

std::optional<ProcessStat> stat_of(int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const size_t name_end = text.rfind(')');  // the name before it may hold anything
  if (name_end == text.npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcessStat result;
  std::string skipped;
  fields >> result.state;
  for (int field = 4; field < 20; ++field) fields >> skipped;
  fields >> result.threads >> skipped >> result.start_ticks;
  if (!fields) return std::nullopt;
  return result;
}

}  // namespace axshim::tool
