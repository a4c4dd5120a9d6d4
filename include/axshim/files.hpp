// Part of axshim.hpp: files that do not outlive the process, and files that lose nothing.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdio_ext.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "at_exit.hpp"

namespace axshim {
namespace detail {

// Any path as the argument of a declared cleanup.
inline std::string quoted(const std::string &path) {
  std::string result;
  for (const char c : path) {
    if (c == '%') result += '%';
    if (std::strchr("\\;=@'\"", c) != nullptr) result += '\\';
    if (c == '\n') result += '\\';
    result += c == '\n' ? 'n' : c;
  }
  return result;
}

inline std::string absolute(const std::string &path) {
  if (!path.empty() && path.front() == '/') return path;
  std::unique_ptr<char, decltype(&std::free)> here(getcwd(nullptr, 0), std::free);
  if (here == nullptr) throw_errno("getcwd");
  return std::string(here.get()) + '/' + path;
}

inline axshim_id declare(const char *action, const std::string &path) {
  const axshim_id id = axshim_declare((std::string(action) + ':' + quoted(path)).c_str());
  if (id == 0) throw_errno("axshim_declare");
  return id;
}

// No signal ends the process between the birth of a file and its declaration.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked &) = delete;

 private:
  sigset_t before_;
};

}  // namespace detail

// Temporary files and directories: gone when it is destroyed, and at every end of the process that made them,
// by declared cleanups: also at fatal signals. Links are removed, never followed.
class temp_manager {
 public:
  struct file {
    int fd;  // the caller's to close
    std::string path;
  };

  temp_manager() = default;
  temp_manager(const temp_manager &) = delete;
  temp_manager &operator=(const temp_manager &) = delete;
  ~temp_manager() {
    if (pid_ != getpid()) return;
    for (; !tracked_.empty(); tracked_.pop_back()) {
      std::error_code ignored;
      std::filesystem::remove_all(tracked_.back().path, ignored);
      axshim_unregister(tracked_.back().id);
    }
  }

  // A new directory with a name that begins with `prefix`, in TMPDIR or /tmp where that holds no slash. Its
  // path.
  std::string mkdtemp(const std::string &prefix) {
    std::string path = pattern(prefix);
    const detail::SignalsBlocked guard;
    if (::mkdtemp(path.data()) == nullptr) detail::throw_errno("mkdtemp");
    track(path);
    return path;
  }

  // A new file, open for reading and writing, closed by exec.
  file mkstemp(const std::string &prefix) {
    std::string path = pattern(prefix);
    const detail::SignalsBlocked guard;
    const int fd = mkostemp(path.data(), O_CLOEXEC);
    if (fd < 0) detail::throw_errno("mkstemp");
    track(path);
    return {fd, path};
  }

  // Takes over a file, or a directory with all that is in it.
  void track(const std::string &path) {
    const std::string whole = detail::absolute(path);
    struct stat status;
    const bool directory = lstat(whole.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    tracked_.push_back({whole, detail::declare(directory ? "rmtree" : "unlink", whole)});
  }

 private:
  struct tracked {
    std::string path;
    axshim_id id;
  };

  static std::string pattern(const std::string &prefix) {
    const char *directory = std::getenv("TMPDIR");
    if (directory == nullptr || *directory == '\0') directory = "/tmp";
    const std::string path =
        prefix.find('/') != std::string::npos ? prefix : std::string(directory) + '/' + prefix;
    return detail::absolute(path) + "XXXXXX";
  }

  std::vector<tracked> tracked_;
  pid_t pid_ = getpid();
};

// What pidfile throws where another process holds the file.
struct already_running : std::runtime_error {
  explicit already_running(pid_t owner)
      : std::runtime_error("already running as process " + std::to_string(owner)), pid(owner) {}
  pid_t pid;
};

// A file with this process's pid that one process can have at a time: locked with fcntl as long as the
// process lives, so one that is left behind is taken over. Removed when this object is destroyed, and at
// every end of the process that made it. A daemon makes it after its last fork, as fork children do not
// inherit the lock.
class pidfile {
 public:
  explicit pidfile(const std::string &path) : path_(detail::absolute(path)) {
    const detail::SignalsBlocked guard;
    while (!open_and_lock()) close(fd_);
    const std::string text = std::to_string(getpid()) + '\n';
    if (ftruncate(fd_, 0) != 0 || write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      fail("write");
    id_ = detail::declare("unlink", path_);
  }
  pidfile(const pidfile &) = delete;
  pidfile &operator=(const pidfile &) = delete;
  ~pidfile() {
    if (pid_ == getpid() && axshim_unregister(id_) == 0) unlink(path_.c_str());
    close(fd_);
  }

 private:
  // False where the file was removed by its last owner before we had the lock.
  bool open_and_lock() {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd_ < 0) detail::throw_errno(path_.c_str());
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    if (fcntl(fd_, F_SETLK, &lock) != 0) {
      if (errno != EACCES && errno != EAGAIN) fail("fcntl");
      if (fcntl(fd_, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return false;  // it is gone
      close(fd_);
      throw already_running(lock.l_pid);
    }
    struct stat ours, there;
    return fstat(fd_, &ours) == 0 && stat(path_.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
  }
  [[noreturn]] void fail(const char *what) {
    const int why = errno;
    close(fd_);
    errno = why;
    detail::throw_errno(what);
  }

  std::string path_;
  int fd_ = -1;
  axshim_id id_ = 0;
  pid_t pid_ = getpid();
};

namespace detail {

// What stdio holds of a stream goes to its file, by write alone: signal-safe. Not of one that is in use: it
// is in the middle of a change, and its thread may be this one.
inline void write_out(void *argument) {
  auto *const stream = static_cast<FILE *>(argument);
  struct Lock {  // glibc's
    int lock, count;
    void *owner;
  };
  const auto *lock = reinterpret_cast<const Lock *>(stream->_lock);
  if (lock != nullptr && lock->owner != nullptr) return axshim_fail("the stream was in use");
  while (stream->_IO_write_base < stream->_IO_write_ptr) {
    const ssize_t written = write(stream->_fileno, stream->_IO_write_base,
                                  static_cast<std::size_t>(stream->_IO_write_ptr - stream->_IO_write_base));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return axshim_fail("write failed");
    stream->_IO_write_base += written;
  }
}

}  // namespace detail

// What was written to the stream is in its file, however the process ends (but for SIGKILL). Forget it with
// axshim_unregister(id) before fclose.
inline axshim_id flush_on_exit(FILE *stream) {
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
    std::string line(text);
    line += '\n';
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t written = write(fd_, line.data() + done, line.size() - done);
      if (written < 0 && errno != EINTR) detail::throw_errno("write");
      if (written > 0) done += static_cast<std::size_t>(written);
    }
  }

 private:
  int fd_;
};

}  // namespace axshim
