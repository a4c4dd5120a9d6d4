#include "sink/output.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "base/clock.h"
#include "base/sys.h"
#include "base/write_signals.h"
#include "cause/interrupting_timer.h"
#include "process.h"
#include "record/pieces.h"

namespace axshim {
namespace {

constexpr size_t kAtomic = 4096;  // PIPE_BUF
constexpr int64_t kPatience = 200'000'000;
constexpr int64_t kPatienceForOthers = 100'000'000;  // of it, so that there is time to write, too

// Of other devices /dev/null is everybody's.
bool goes_in_pieces(int fd) {
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return false;
  return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || is_terminal(fd);
}

}  // namespace

// A byte that no program has locked, for its own locks are this process's as well.
long WriteTurn::lock(int command, short type) const {
  const struct flock byte = {
      .l_type = type, .l_whence = SEEK_SET, .l_start = INT64_MAX - 1, .l_len = 1, .l_pid = 0};
  return sys::call(SYS_fcntl, fd_, command, sys::arg(&byte));
}

WriteTurn::WriteTurn(int fd) : fd_(goes_in_pieces(fd) ? fd : -1) {
  if (fd_ < 0) return;
  const auto is_taken = [](long result) { return result == -EAGAIN || result == -EACCES; };
  if (!is_taken(lock(F_SETLK, F_WRLCK))) return;
  const int64_t deadline = monotonic_ns() + kPatienceForOthers;
  const InterruptingTimer timer(deadline);
  has_come_ = timer.is_there();  // else nobody is waited for
  for (long result = -EINTR; has_come_ && result == -EINTR;) {
    result = lock(F_SETLKW, F_WRLCK);
    has_come_ = result >= 0 || (result == -EINTR && monotonic_ns() < deadline);
  }
}

WriteTurn::~WriteTurn() {
  if (fd_ >= 0) lock(F_SETLK, F_UNLCK);
}

bool is_terminal(int fd) {
  termios settings;
  return sys::call(SYS_ioctl, fd, TCGETS, sys::arg(&settings)) == 0;
}

long write_within_limits(int fd, std::string_view text) {
  if (process.quiet) return sys::write(fd, text.data(), text.size());
  WriteSignalsBlocked guard;
  struct stat status = {};
  if (sys::fstat(fd, &status) != 0) return -EBADF;
  if (!S_ISREG(status.st_mode)) {
    const int64_t deadline = monotonic_ns() + kPatience;
    const WriteTurn turn(fd);
    if (!turn.has_come() && text.size() > kAtomic) return -EAGAIN;
    return write_in_pieces(fd, text, deadline);
  }
  const long result = sys::write(fd, text.data(), text.size());
  if (result < 0 || static_cast<size_t>(result) == text.size()) return result;
  text.remove_prefix(static_cast<size_t>(result));
  const long rest = sys::write(fd, text.data(), text.size());  // says why
  return rest == static_cast<long>(text.size()) || rest < 0 ? rest : -ENOSPC;
}

}  // namespace axshim
