#include "tool/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <system_error>
#include <vector>

namespace axshim::tool {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kLongest = size_t{256} << 20;

}  // namespace

void each_line(int fd, const std::function<void(std::string_view)> &visit) {
  std::vector<char> buffer(2 * kChunk + kPadding);
  size_t begin = 0, end = 0;  // of what is read, and not yet visited
  bool cut = false;           // what comes is the rest of a line that was visited
  const auto take = [&](const char *line, size_t size) {
    if (!cut) visit({line, size});
    cut = false;
  };
  for (;;) {
    if (begin > 0) memmove(buffer.data(), buffer.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    if (buffer.size() - kPadding - end < kChunk) buffer.resize(2 * buffer.size());
    const ssize_t size = read(fd, buffer.data() + end, kChunk);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw std::system_error(errno, std::generic_category());
    if (size == 0) break;
    size_t searched = end;
    end += static_cast<size_t>(size);
    while (const void *found = memchr(buffer.data() + searched, '\n', end - searched)) {
      const size_t newline = static_cast<size_t>(static_cast<const char *>(found) - buffer.data());
      take(buffer.data() + begin, newline - begin);
      begin = searched = newline + 1;
    }
    if (end - begin > kLongest) {
      take(buffer.data() + begin, end - begin);
      cut = true;
      begin = end;
    }
  }
  if (end > 0) take(buffer.data(), end);
}

}  // namespace axshim::tool
