#include "sink/output.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <termios.h>

#include "base/clock.h"
#include "base/sys.h"
#include "base/write_signals.h"
#include "process.h"

namespace axshim {
namespace {

constexpr size_t kPiece = 4096;  // PIPE_BUF: what poll says fits, fits
constexpr int64_t kPatience = 200'000'000;

// Does not wait where the file can tell: another writer may have filled the pipe since poll.
long write_piece(int fd, std::string_view piece) {
  const iovec vector = {const_cast<char *>(piece.data()), piece.size()};
  const long result = sys::call(SYS_pwritev2, fd, sys::arg(&vector), 1, -1, -1, RWF_NOWAIT);
  return result == -EOPNOTSUPP ? sys::write(fd, piece.data(), piece.size()) : result;
}

long write_in_pieces(int fd, std::string_view text) {
  const int64_t deadline = monotonic_ns() + kPatience;
  size_t written = 0;
  while (written < text.size()) {
    const int64_t left = deadline - monotonic_ns();
    const timespec wait = {0, left > 0 ? left : 0};
    pollfd writable = {fd, POLLOUT, 0};
    const long ready = sys::call(SYS_ppoll, sys::arg(&writable), 1, sys::arg(&wait), 0, 8);
    if (ready == 0) return written > 0 ? static_cast<long>(written) : -EAGAIN;
    const long result = ready < 0 ? ready : write_piece(fd, text.substr(written, kPiece));
    if (result == -EINTR || result == -EAGAIN) continue;
    if (result < 0) return written > 0 ? static_cast<long>(written) : result;
    written += static_cast<size_t>(result);
  }
  return static_cast<long>(written);
}

}  // namespace

bool is_terminal(int fd) {
  termios settings;
  return sys::call(SYS_ioctl, fd, TCGETS, sys::arg(&settings)) == 0;
}

long write_within_limits(int fd, std::string_view text) {
  if (process.quiet) return sys::write(fd, text.data(), text.size());
  WriteSignalsBlocked guard;
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return -EBADF;
  if (!S_ISREG(status.st_mode)) return write_in_pieces(fd, text);
  const long result = sys::write(fd, text.data(), text.size());
  return result >= 0 && static_cast<size_t>(result) < text.size() ? -ENOSPC : result;
}

}  // namespace axshim
