#include "sink/datagram.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include "base/clock.h"
#include "base/sys.h"
#include "base/text.h"
#include "process.h"

namespace axshim {
namespace {

constexpr int kWarning = 4, kInfo = 6;  // severities of RFC 5424
constexpr int64_t kPatience = 200'000'000;
constexpr int kUser = 1 << 3;  // facility

class Socket {
 public:
  explicit Socket(std::string_view path) {
    fd_ = sys::move_high(
        static_cast<int>(sys::call(SYS_socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
    if (fd_ < 0) return;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path.data(), path.size());
    const long result = sys::call(SYS_connect, fd_, sys::arg(&address), sizeof address);
    if (result == 0) return;
    sys::close(fd_);
    fd_ = static_cast<int>(result);
  }
  ~Socket() {
    if (fd_ >= 0) sys::close(fd_);
  }
  Socket(const Socket &) = delete;
  Socket &operator=(const Socket &) = delete;

  long send(const iovec *pieces, size_t count) {
    if (fd_ < 0) return fd_;
    msghdr message = {};
    message.msg_iov = const_cast<iovec *>(pieces);
    message.msg_iovlen = count;
    for (;;) {
      const long result = sys::call(SYS_sendmsg, fd_, sys::arg(&message), MSG_NOSIGNAL | MSG_DONTWAIT);
      const int64_t left = deadline_ - monotonic_ns();
      if (result != -EAGAIN || left <= 0) return result;
      const timespec wait = {0, left};  // the queue of a datagram socket holds ten
      pollfd writable = {fd_, POLLOUT, 0};
      sys::call(SYS_ppoll, sys::arg(&writable), 1, sys::arg(&wait), 0, 8);
    }
  }

 private:
  int fd_;
  int64_t deadline_ = monotonic_ns() + kPatience;
};

iovec piece(std::string_view text) { return {const_cast<char *>(text.data()), text.size()}; }

}  // namespace

// Without a time: the daemon puts its own, and the local time zone is nothing to look up here.
long send_to_syslog(std::string_view record, bool clean) {
  Socket socket("/dev/log");
  char buffer[64];
  Text header(buffer);
  (header << '<').dec(kUser | (clean ? kInfo : kWarning)) << ">axshim[";
  header.dec(process.pid) << "]: ";
  long result = 0;
  while (!record.empty() && result >= 0) {
    const size_t end = record.find('\n');
    const iovec pieces[] = {piece(header.view()), piece(record.substr(0, end))};
    result = socket.send(pieces, 2);
    record.remove_prefix(end == record.npos ? record.size() : end + 1);
  }
  return result;
}

long send_to_journald(std::string_view record, bool clean) {
  Socket socket("/run/systemd/journal/socket");
  if (record.ends_with('\n')) record.remove_suffix(1);
  char buffer[128];
  Text fields(buffer);
  (fields << "SYSLOG_IDENTIFIER=axshim\nPRIORITY=").dec(clean ? kInfo : kWarning) << "\nMESSAGE\n";
  const uint64_t size = record.size();  // little endian, as the protocol wants it, here
  const iovec pieces[] = {
      piece(fields.view()), {const_cast<uint64_t *>(&size), sizeof size}, piece(record), piece("\n")};
  return socket.send(pieces, 4);
}

}  // namespace axshim
