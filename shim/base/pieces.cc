#include "base/pieces.h"

#include <poll.h>
#include <sys/uio.h>

#include "base/clock.h"
#include "base/sys.h"

namespace axshim {
namespace {

constexpr size_t kPiece = 4096;  // PIPE_BUF: what poll says fits, fits

// Does not wait where the file can tell: another writer may have filled the pipe since poll.
long write_piece(int fd, std::string_view piece) {
  const iovec vector = {const_cast<char *>(piece.data()), piece.size()};
  const long result = sys::call(SYS_pwritev2, fd, sys::arg(&vector), 1, -1, -1, RWF_NOWAIT);
  return result == -EOPNOTSUPP ? sys::write(fd, piece.data(), piece.size()) : result;
}

// As poll: 1 once there is room, 0 when time is up.
long wait_for_room(int fd, int64_t deadline) {
  const int64_t left = deadline - monotonic_ns();
  const timespec wait = {left > 0 ? left / 1'000'000'000 : 0, left > 0 ? left % 1'000'000'000 : 0};
  pollfd writable = {fd, POLLOUT, 0};
  return sys::call(SYS_ppoll, sys::arg(&writable), 1, deadline != 0 ? sys::arg(&wait) : 0, 0, 8);
}

}  // namespace

long write_in_pieces(int fd, std::string_view text, int64_t deadline) {
  size_t written = 0;
  while (written < text.size()) {
    const long ready = wait_for_room(fd, deadline);
    const long result = ready == 0  ? -EAGAIN
                        : ready < 0 ? ready
                                    : write_piece(fd, text.substr(written, kPiece));
    const bool is_late = deadline != 0 && monotonic_ns() >= deadline;
    if ((result == -EINTR || result == -EAGAIN) && !is_late) continue;
    if (result <= 0) return written > 0 ? static_cast<long>(written) : result;
    written += static_cast<size_t>(result);
  }
  return static_cast<long>(written);
}

}  // namespace axshim
