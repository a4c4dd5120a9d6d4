// Part of axshim.hpp: files that do not outlive the process.
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "call.hpp"

namespace axshim {
namespace detail {

// The entry of a declared cleanup, with any path as its argument.
inline std::string entry_for(const char *action, const std::string &path) {
  std::string entry = std::string(action) + ':';
  for (const char c : path) {
    if (c == '%') entry += '%';
    if (std::strchr("\\;=@'\"\n", c) != nullptr) entry += '\\';
    entry += c == '\n' ? 'n' : c;
  }
  return entry;
}

inline std::string absolute(const std::string &path) {
  if (!path.empty() && path.front() == '/') return path;
  const std::unique_ptr<char, decltype(&std::free)> here(getcwd(nullptr, 0), std::free);
  if (here == nullptr) throw_errno("getcwd");
  return std::string(here.get()) + '/' + path;
}

// No signal ends the process between the birth of a file and its declaration. A blocked fault would kill
// without any cleanup.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS})
      sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked &) = delete;
  SignalsBlocked &operator=(const SignalsBlocked &) = delete;

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
  // What is not registered any more is not its own: a parent's, or gone by run().
  AXSHIM_HIDDEN_ ~temp_manager() {
    const detail::SignalsBlocked blocked;
    for (; !tracked_.empty(); tracked_.pop_back())
      if (axshim_unregister(tracked_.back().id) == 0) remove(tracked_.back().path);
  }

  // A new directory with a name that begins with `prefix`, in TMPDIR or /tmp where that holds no slash. Its
  // path.
  AXSHIM_INLINE_ std::string mkdtemp(const std::string &prefix) {
    const detail::SignalsBlocked blocked;
    const std::string path = make_directory(prefix);
    keep(path, axshim_declare(detail::entry_for("rmtree", path).c_str()), true);
    return path;
  }

  // A new file, open for reading and writing, closed by exec.
  AXSHIM_INLINE_ file mkstemp(const std::string &prefix) {
    const detail::SignalsBlocked blocked;
    const file made = make_file(prefix);
    const axshim_id id = axshim_declare(detail::entry_for("unlink", made.path).c_str());
    if (id == 0) close_keeping_errno(made.fd);
    keep(made.path, id, true);
    return made;
  }

  // Takes over a file, or a directory with all that is in it.
  AXSHIM_INLINE_ void track(const std::string &path) {
    const std::string whole = detail::absolute(path);
    keep(whole, axshim_declare(detail::entry_for(is_directory(whole) ? "rmtree" : "unlink", whole).c_str()),
         false);
  }

 private:
  struct tracked {
    std::string path;
    axshim_id id;
  };

  static std::string pattern(const std::string &prefix) {
    const char *directory = std::getenv("TMPDIR");
    if (directory == nullptr || *directory == '\0') directory = "/tmp";
    const bool has_slash = prefix.find('/') != std::string::npos;
    return detail::absolute(has_slash ? prefix : std::string(directory) + '/' + prefix) + "XXXXXX";
  }
  static std::string make_directory(const std::string &prefix) {
    std::string path = pattern(prefix);
    if (::mkdtemp(path.data()) == nullptr) detail::throw_errno("mkdtemp");
    return path;
  }
  static file make_file(const std::string &prefix) {
    std::string path = pattern(prefix);
    const int fd = ::mkostemp(path.data(), O_CLOEXEC);
    if (fd < 0) detail::throw_errno("mkostemp");
    return {fd, path};
  }
  static bool is_directory(const std::string &path) {
    struct stat status;
    return lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  }
  static void close_keeping_errno(int fd) {
    const int why = errno;
    close(fd);
    errno = why;
  }
  // By the rules of `rmtree:`, files too.
  AXSHIM_HIDDEN_ static void remove(std::string path) {
    if (const char *why = axshim_remove_tree_(path.data()))
      std::fprintf(stderr, "axshim: cannot remove %s: %s\n", path.c_str(), why);
  }

  void keep(const std::string &path, axshim_id id, bool is_new) {
    if (id == 0) {
      const int why = errno;
      if (is_new) remove(path);
      errno = why;
      detail::throw_errno("axshim_declare");
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    tracked_.push_back({path, id});
  }

  std::mutex mutex_;
  std::vector<tracked> tracked_;
};

}  // namespace axshim
