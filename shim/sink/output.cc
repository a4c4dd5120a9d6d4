#include "sink/output.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "base/clock.h"
#include "base/pieces.h"
#include "base/sys.h"
#include "base/write_signals.h"
#include "process.h"

namespace axshim {
namespace {

constexpr int64_t kPatience = 200'000'000;

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
  if (!S_ISREG(status.st_mode)) return write_in_pieces(fd, text, monotonic_ns() + kPatience);
  const long result = sys::write(fd, text.data(), text.size());
  if (result < 0 || static_cast<size_t>(result) == text.size()) return result;
  text.remove_prefix(static_cast<size_t>(result));
  const long rest = sys::write(fd, text.data(), text.size());  // says why
  return rest == static_cast<long>(text.size()) || rest < 0 ? rest : -ENOSPC;
}

}  // namespace axshim
