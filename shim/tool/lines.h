// The lines of a file of any size, as a JSON parser wants them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace axshim::tool {

// How each record begins: on a line of its own, but where a full disk cut the one before.
inline constexpr std::string_view kRecordBegin = R"({"axshim":)";

// There are this many readable bytes behind each line.
inline constexpr size_t kPadding = 64;

// Memory follows the longest line; one that is longer than 256 MiB is visited without its rest. Throws
// std::system_error.
void each_line(int fd, const std::function<void(std::string_view)> &visit);

}  // namespace axshim::tool
