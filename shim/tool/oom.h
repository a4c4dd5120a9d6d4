// SIGKILL of the OOM killer, told from others.
#pragma once

#include <stdint.h>

#include <optional>

namespace axshim::tool {

// How many processes it has killed in our cgroup; nothing where that can't be read.
std::optional<int64_t> oom_kills();

}  // namespace axshim::tool
