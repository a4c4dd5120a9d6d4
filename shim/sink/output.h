// Writes that neither delay a death nor change it.
#pragma once

#include <string_view>

namespace axshim {

// While one lives, other processes that write a record to the same pipe, socket or terminal wait: what goes
// in pieces stays whole. Not by a lock of the open file, which they may share, but by one of this process. It
// is waited for no longer than 100 ms, for the one before may be stopped. Signal-safe.
class WriteTurn {
 public:
  explicit WriteTurn(int fd);
  ~WriteTurn();
  WriteTurn(const WriteTurn &) = delete;
  WriteTurn &operator=(const WriteTurn &) = delete;

  bool has_come() const { return has_come_; }

 private:
  long lock(int command, short type) const;

  const int fd_;
  bool has_come_ = true;  // also where there are no turns
};

// To a regular file in one write. To a pipe, socket or terminal in pieces of at most 4096 bytes, for at most
// 200 ms altogether: the rest is dropped, or all where it would get into another's record. SIGPIPE and
// SIGXFSZ that this causes are taken back. -errno where nothing could be written. Signal-safe.
long write_within_limits(int fd, std::string_view text);

// Signal-safe.
bool is_terminal(int fd);

}  // namespace axshim
