// What /proc/PID/stat tells of a process.
#pragma once

#include <stdint.h>

#include <optional>

namespace axshim::tool {

struct ProcessStat {
  char state;  // 'Z': a zombie, or a process whose main thread alone has ended
  int64_t threads;
  int64_t start_ticks;
};

// Nothing where there is no such process.
std::optional<ProcessStat> stat_of(int64_t pid);

}  // namespace axshim::tool
