// Writes that neither delay a death nor change it.
#pragma once

#include <string_view>

namespace axshim {

// To a regular file in one write. To a pipe, socket or terminal in pieces of at most 4096 bytes, for at most
// 200 ms altogether: the rest is dropped. SIGPIPE and SIGXFSZ that this causes are taken back. -errno where
// nothing could be written. Signal-safe.
long write_within_limits(int fd, std::string_view text);

// Signal-safe.
bool is_terminal(int fd);

}  // namespace axshim
