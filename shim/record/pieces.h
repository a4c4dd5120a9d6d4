// Writes to pipes, sockets and terminals that wait no longer than they are told to.
#pragma once

#include <stdint.h>

#include <string_view>

namespace axshim {

// In pieces of at most 4096 bytes until `deadline`, a time of monotonic_ns() (0: as long as it takes): how
// many bytes went, or -errno where none did (-EAGAIN: in time). SIGPIPE is the caller's to block.
// Signal-safe.
long write_in_pieces(int fd, std::string_view text, int64_t deadline);

}  // namespace axshim
