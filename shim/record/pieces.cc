#include "record/pieces.h"

#include <poll.h>
#include <sys/uio.h>

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "base/sys.h"
#include "cause/interrupting_timer.h"

namespace axshim {
namespace {

constexpr size_t kPiece = 4096;  // PIPE_BUF: what poll says fits, fits

bool is_device(int fd) {
  struct stat status = {};
  return sys::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode);
}

// Writes that return by a deadline. poll promises little: another writer may have filled the pipe since, and
// a terminal that has room for one byte waits in a write of more. So where the file can be told not to wait
// it is; where it can't (a terminal, an old kernel, a sandbox) a timer interrupts the write. Not O_NONBLOCK:
// others have the same open file, and a second one of a terminal may not be had, or be another's.
class Writer {
 public:
  Writer(int fd, int64_t deadline) : fd_(fd), deadline_(deadline) {}

  long write(std::string_view text) {
    const std::string_view piece = text.substr(0, kPiece);
    if (can_refuse_) {
      const iovec vector = {const_cast<char *>(piece.data()), piece.size()};
      const long result = sys::call(SYS_pwritev2, fd_, sys::arg(&vector), 1, -1, -1, RWF_NOWAIT);
      can_refuse_ = result != -EOPNOTSUPP && result != -ENOSYS && result != -EPERM && result != -EINVAL;
      if (can_refuse_) return result;
      if (deadline_ != 0) {
        timer_.emplace(deadline_);
        if (!timer_->is_there() && is_device(fd_)) most_ = 1;  // for which there is room, poll says
      }
    }
    return sys::write(fd_, piece.data(), std::min(piece.size(), most_));
  }

 private:
  const int fd_;
  const int64_t deadline_;
  bool can_refuse_ = true;
  size_t most_ = kPiece;
  std::optional<InterruptingTimer> timer_;
};

// As poll: 1 once there is room, 0 when time is up.
long wait_for_room(int fd, int64_t deadline) {
  const int64_t left = std::max<int64_t>(deadline - monotonic_ns(), 0);
  const timespec wait = {left / 1'000'000'000, left % 1'000'000'000};
  pollfd writable = {fd, POLLOUT, 0};
  return sys::call(SYS_ppoll, sys::arg(&writable), 1, deadline != 0 ? sys::arg(&wait) : 0, 0, 8);
}

}  // namespace

long write_in_pieces(int fd, std::string_view text, int64_t deadline) {
  Writer writer(fd, deadline);
  size_t written = 0;
  while (written < text.size()) {
    const long ready = wait_for_room(fd, deadline);
    const long result = ready == 0 ? -EAGAIN : ready < 0 ? ready : writer.write(text.substr(written));
    if (result > 0) written += static_cast<size_t>(result);
    const bool is_late = deadline != 0 && monotonic_ns() >= deadline;
    const bool is_over = result <= 0 && result != -EINTR && result != -EAGAIN;
    if ((is_late || is_over) && written < text.size())
      return written > 0 ? static_cast<long>(written) : result;
  }
  return static_cast<long>(written);
}

}  // namespace axshim
