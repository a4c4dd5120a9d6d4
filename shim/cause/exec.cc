// exec forgets every handler, and may fail: look first whether it will succeed, write the record, void it if
// the call returns.
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/errno_guard.h"
#include "base/export.h"
#include "base/fault_guard.h"
#include "base/objects.h"
#include "base/private_stack.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cleanup/runner.h"
#include "process.h"
#include "record/journal.h"
#include "record/unentered.h"
#include "terminate.h"

namespace axshim {
namespace {

constexpr size_t kPathSize = 4096;

bool is_executable(int directory, const char *path, int flags) {
  struct stat status = {};
  return sys::fstatat(directory, path, &status, flags) == 0 && S_ISREG(status.st_mode) &&
         sys::call(SYS_faccessat2, directory, sys::arg(path), X_OK, AT_EACCESS | flags) == 0;
}

// The image that execvp finds; false if it finds none.
bool search_path(const char *file, Text &found) {
  if (file == nullptr) return false;
  if (strchr(file, '/') != nullptr) {
    found << file;
    return is_executable(AT_FDCWD, file, 0);
  }
  const char *path = find_variable(environ, "PATH");
  std::string_view rest = path != nullptr ? path : "/bin:/usr/bin";
  for (;;) {
    const size_t colon = rest.find(':');
    found.resize(0);
    found << rest.substr(0, colon);
    if (!found.empty()) found << '/';
    found << file;
    if (is_executable(AT_FDCWD, found.c_str(), 0)) return true;
    if (colon == rest.npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

bool has_preload(char *const *envp) {
  const char *preload = find_variable(envp, "LD_PRELOAD");
  return preload != nullptr && preloads_us(preload);
}

bool declares_cleanups(char *const *envp) {
  return find_variable(envp, "AXSHIM_CLEANUP") != nullptr ||
         find_variable(envp, "AXSHIM_CLEANUP_FILE") != nullptr;
}

// After chroot, or in another mount namespace.
bool is_library_out_of_reach() {
  const link_map *const own = own_link_map();
  return own != nullptr && sys::call(SYS_faccessat, AT_FDCWD, sys::arg(own->l_name), R_OK) == -ENOENT;
}

class AllSignalsBlocked {
 public:
  AllSignalsBlocked() { sys::change_mask(SIG_SETMASK, sys::kAllSignals, &before_); }
  ~AllSignalsBlocked() { sys::change_mask(SIG_SETMASK, before_); }

 private:
  uint64_t before_ = 0;
};

// These are called on a stack of ours.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wframe-larger-than="

// The path of what a descriptor (and a name below it) is open on.
bool describe(int fd, const char *name, int flags, Text &found) {
  if (name == nullptr) return false;
  char link[64];
  char target[kPathSize];
  const bool relative = name[0] != '/';
  if (relative && fd != AT_FDCWD) {
    (Text(link) << "/proc/thread-self/fd/").dec(fd);
    const long size = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg(link), sys::arg(target), sizeof target);
    if (size > 0) found << std::string_view(target, static_cast<size_t>(size));
    if (name[0] != '\0') found << '/';
  }
  found << name;
  return is_executable(fd, name, flags & (AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
}

// The program's stack may be a single page (a coroutine, a child of clone): so on another, and not inlined.
template <class Find>
[[gnu::noinline]] void record_exec(char *const *envp, const Find &find) {
  ErrnoGuard guard;
  const AllSignalsBlocked until_it_is_written;  // one that comes meanwhile is the old image's end yet
  if (!begin_exec()) return;
  struct Exec {
    char *const *envp;
    const Find &find;
    Context context = {};
  } exec = {envp, find};
  capture(&exec.context);
  on_private_stack(
      [](void *argument) {
        const Exec &exec = *static_cast<Exec *>(argument);
        bool found = false, preloads = false, survive = false;
        char buffer[kPathSize];
        Text path(buffer);
        FaultGuard faults;  // a bad pointer is for the kernel to refuse
        guarded([&] {
          found = exec.find(path);
          preloads = found && has_preload(exec.envp);
          survive = preloads && declares_cleanups(exec.envp);
        });
        if (!found) return forgo_exec();
        terminate_by_exec({.end = End::exec,
                           .path = path.c_str(),
                           .cleanups_survive = survive,
                           .out_of_reach = preloads && journal::is_kept() && is_library_out_of_reach(),
                           .context = exec.context});
      },
      &exec);
}

// A vfork child, which is about to become another program.
template <class Find>
[[gnu::noinline]] void note_unentered(const Find &find) {
  ErrnoGuard guard;
  on_private_stack(
      [](void *find) {
        char buffer[kPathSize];
        Text path(buffer);
        if (wants_notes_of_unentered() && (*static_cast<const Find *>(find))(path))
          note_if_unentered(path.c_str());
      },
      const_cast<Find *>(&find));
}

#pragma GCC diagnostic pop

// `find(path)` says whether the exec should succeed, and of what; `exec()` does it.
template <class Find, class Exec>
int replace_image(char *const *envp, Find find, Exec exec) {
  ensure_loaded();
  end_running_cleanup("called exec");
  yield_to_forced_end();
  if (could_matter(End::exec) && is_mine() && !process.quiet) {
    record_exec(envp, find);
    yield_to_forced_end();
  }
  const int result = exec();
  exec_failed();
  return result;
}

bool is_vfork_child() { return process.watched && !process.quiet && !is_mine(); }

int exec_at(const char *path, char *const *argv, char *const *envp) {
  const auto find = [&](Text &found) {
    if (path == nullptr || !is_executable(AT_FDCWD, path, 0)) return false;  // nor is it a bad pointer
    found << path;
    return true;
  };
  if (is_vfork_child()) note_unentered(find);
  return replace_image(envp, find, [&] { return real::execve(path, argv, envp); });
}

int exec_searched(const char *file, char *const *argv, char *const *envp) {
  const auto find = [&](Text &found) { return search_path(file, found); };
  if (is_vfork_child()) note_unentered(find);
  return replace_image(envp, find, [&] { return real::execvpe(file, argv, envp); });
}

// The arguments of an execl as an array on the caller's stack; the list is read twice, as its length is
// unknown.
#define AXSHIM_COLLECT(argv, last)                                          \
  va_list list;                                                             \
  va_start(list, last);                                                     \
  size_t count = 1;                                                         \
  while (va_arg(list, char *) != nullptr) ++count;                          \
  va_end(list);                                                             \
  char **argv = static_cast<char **>(alloca((count + 1) * sizeof(char *))); \
  va_start(list, last);                                                     \
  argv[0] = const_cast<char *>(last);                                       \
  for (size_t i = 1; i <= count; ++i) argv[i] = va_arg(list, char *)

}  // namespace
}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int execve(const char *path, char *const *argv, char *const *envp) noexcept {
  return exec_at(path, argv, envp);
}
int execv(const char *path, char *const *argv) noexcept { return exec_at(path, argv, environ); }
int execvp(const char *file, char *const *argv) noexcept { return exec_searched(file, argv, environ); }
int execvpe(const char *file, char *const *argv, char *const *envp) noexcept {
  return exec_searched(file, argv, envp);
}

int execl(const char *path, const char *argument, ...) noexcept {
  AXSHIM_COLLECT(argv, argument);
  va_end(list);
  return exec_at(path, argv, environ);
}

int execlp(const char *file, const char *argument, ...) noexcept {
  AXSHIM_COLLECT(argv, argument);
  va_end(list);
  return exec_searched(file, argv, environ);
}

int execle(const char *path, const char *argument, ...) noexcept {
  AXSHIM_COLLECT(argv, argument);
  char *const *envp = va_arg(list, char *const *);
  va_end(list);
  return exec_at(path, argv, envp);
}

int fexecve(int fd, char *const *argv, char *const *envp) noexcept {
  return replace_image(
      envp, [&](Text &found) { return describe(fd, "", AT_EMPTY_PATH, found); },
      [&] { return real::fexecve(fd, argv, envp); });
}

int execveat(int fd, const char *path, char *const *argv, char *const *envp, int flags) noexcept {
  return replace_image(
      envp, [&](Text &found) { return describe(fd, path, flags, found); },
      [&] { return real::execveat(fd, path, argv, envp, flags); });
}

AXSHIM_EXPORTS_END
