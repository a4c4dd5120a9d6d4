// Part of axshim.hpp: a file that one process can have at a time.
#pragma once

#include <pthread.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "files.hpp"

namespace axshim {

class pidfile;

namespace detail {

// Not std::to_string, whose table of digits keeps a library from being unloaded.
inline std::string decimal(long number) {
  char text[24];
  std::snprintf(text, sizeof text, "%ld", number);
  return text;
}

// Those of this process: the lock keeps only others out. Each library has its own.
struct OwnPidfiles {
  pthread_mutex_t mutex;
  pidfile *newest;
};
AXSHIM_HIDDEN_ inline OwnPidfiles own_pidfiles = {PTHREAD_MUTEX_INITIALIZER, nullptr};

class AXSHIM_HIDDEN_ OwnPidfilesLocked {
 public:
  OwnPidfilesLocked() { pthread_mutex_lock(&own_pidfiles.mutex); }
  ~OwnPidfilesLocked() { pthread_mutex_unlock(&own_pidfiles.mutex); }
  OwnPidfilesLocked(const OwnPidfilesLocked &) = delete;
  OwnPidfilesLocked &operator=(const OwnPidfilesLocked &) = delete;
};

}  // namespace detail

// What pidfile throws where the file is taken.
struct __attribute__((visibility("default"))) already_running : std::runtime_error {
  explicit already_running(pid_t owner)
      : std::runtime_error("already running as process " + detail::decimal(owner)), pid(owner) {}
  pid_t pid;
};

// A file with this process's pid that one process can have at a time: locked with fcntl as long as the
// process lives, so one that is left behind is taken over. Removed when this object is destroyed, and at
// every end of the process that made it. A daemon makes it after its last fork, as fork children do not
// inherit the lock; and nothing else in the process may open the file: closing it gives the lock up.
class pidfile {
 public:
  AXSHIM_INLINE_ explicit pidfile(const std::string &path) : path_(detail::absolute(path)) {
    const detail::SignalsBlocked blocked;
    take();
    id_ = axshim_declare(detail::entry_for("unlink", path_).c_str());
    if (id_ == 0) give_up_and_throw("axshim_declare");
  }
  pidfile(const pidfile &) = delete;
  pidfile &operator=(const pidfile &) = delete;
  AXSHIM_HIDDEN_ ~pidfile() {
    const detail::SignalsBlocked blocked;
    if (axshim_unregister(id_) == 0) unlink(path_.c_str());
    give_up();
  }

 private:
  AXSHIM_HIDDEN_ void take() {
    const detail::OwnPidfilesLocked locked;
    struct stat there;
    if (stat(path_.c_str(), &there) == 0)
      for (const pidfile *other = detail::own_pidfiles.newest; other != nullptr; other = other->older_)
        if (other->pid_ == pid_ && other->is(there)) throw already_running(pid_);
    while (!open_and_lock()) close(fd_);
    older_ = detail::own_pidfiles.newest;
    detail::own_pidfiles.newest = this;
  }

  // False where the file was removed by its last owner before we had the lock.
  bool open_and_lock() {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd_ < 0) detail::throw_errno(path_.c_str());
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    if (fcntl(fd_, F_SETLK, &lock) != 0) {
      if (errno != EACCES && errno != EAGAIN) close_and_throw("fcntl");
      if (fcntl(fd_, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return false;  // it is gone
      close(fd_);
      throw already_running(lock.l_pid);
    }
    struct stat there;
    if (fstat(fd_, &file_) != 0 || stat(path_.c_str(), &there) != 0 || !is(there)) return false;
    const std::string text = detail::decimal(pid_) + '\n';
    if (ftruncate(fd_, 0) == 0 && write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()))
      return true;
    const int why = errno;
    unlink(path_.c_str());
    errno = why;
    close_and_throw("write");
  }

  bool is(const struct stat &there) const {
    return file_.st_ino == there.st_ino && file_.st_dev == there.st_dev;
  }

  AXSHIM_HIDDEN_ void give_up() {
    const detail::OwnPidfilesLocked locked;
    pidfile **link = &detail::own_pidfiles.newest;
    while (*link != this) link = &(*link)->older_;
    *link = older_;
    close(fd_);
  }

  [[noreturn]] void close_and_throw(const char *what) const {
    const int why = errno;
    close(fd_);
    errno = why;
    detail::throw_errno(what);
  }
  [[noreturn]] AXSHIM_HIDDEN_ void give_up_and_throw(const char *what) {
    const int why = errno;
    unlink(path_.c_str());
    give_up();
    errno = why;
    detail::throw_errno(what);
  }

  const std::string path_;
  const pid_t pid_ = getpid();
  int fd_ = -1;
  struct stat file_ = {};
  pidfile *older_ = nullptr;
  axshim_id id_ = 0;
};

}  // namespace axshim
