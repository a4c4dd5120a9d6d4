// Part of axshim.hpp: output that is not lost.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "call.hpp"

namespace axshim {
namespace detail {

// By write alone, as a signal handler may have interrupted anything: a stream in use is in the middle of a
// change, and its thread may be this one. Knows glibc's streams.
AXSHIM_HIDDEN_ inline void write_out(void *argument) {
  auto *const stream = static_cast<FILE *>(argument);
  struct Lock {
    int lock, count;
    void *owner;
  };
  const auto *lock = reinterpret_cast<const Lock *>(stream->_lock);
  if (stream->_IO_write_ptr <= stream->_IO_write_base) return;
  if (lock != nullptr && lock->owner != nullptr) return axshim_fail("the stream was in use");
  if (stream->_mode > 0 || stream->_fileno < 0) return axshim_fail("not a stream of bytes to a descriptor");
  // After reading, the descriptor is ahead of where the program writes.
  const off_t ahead = stream->_IO_read_end - stream->_IO_write_base;
  if (ahead != 0 && lseek(stream->_fileno, -ahead, SEEK_CUR) < 0) return axshim_fail("lseek failed");
  const char *from = stream->_IO_write_base;
  while (from < stream->_IO_write_ptr) {
    const auto left = static_cast<std::size_t>(stream->_IO_write_ptr - from);
    const ssize_t written = write(stream->_fileno, from, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    from += written;
  }
  // As after a flush; what is left is what could not be written.
  const auto left = static_cast<std::size_t>(stream->_IO_write_ptr - from);
  for (std::size_t i = 0; i < left; ++i) stream->_IO_buf_base[i] = from[i];
  stream->_IO_read_base = stream->_IO_read_ptr = stream->_IO_read_end = stream->_IO_buf_base;
  stream->_IO_write_base = stream->_IO_buf_base;
  stream->_IO_write_ptr = stream->_IO_buf_base + left;
  stream->_offset = -1;  // libc asks
  if (left != 0) axshim_fail("write failed");
}

}  // namespace detail

// What was written to the stream is in its file, however the process ends (but for SIGKILL). Forget it with
// axshim_unregister(id) before fclose.
AXSHIM_INLINE_ axshim_id flush_on_exit(FILE *stream) {
  const axshim_id id =
      axshim_register("flush", detail::write_out, stream, AXSHIM_SIGNAL_SAFE | AXSHIM_FORCED_ONLY);
  if (id == 0) detail::throw_errno("axshim_register");
  return id;
}

// Appends lines to a file. Each is one write of its own, so there is nothing to lose at any end, SIGKILL
// included, and lines of several processes do not mix.
class file_logger {
 public:
  explicit file_logger(const std::string &path)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (fd_ < 0) detail::throw_errno(path.c_str());
  }
  file_logger(const file_logger &) = delete;
  file_logger &operator=(const file_logger &) = delete;
  ~file_logger() { close(fd_); }

  void log(std::string_view text) {
    const std::string line = std::string(text) + '\n';
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = write(fd_, line.data() + done, line.size() - done);
      if (written < 0 && errno != EINTR) detail::throw_errno("write");
      if (written > 0) done += static_cast<std::size_t>(written);
    }
  }

 private:
  const int fd_;
};

}  // namespace axshim
