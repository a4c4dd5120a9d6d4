#include "cleanup/actions.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/owners.h"
#include "base/real.h"
#include "base/sys.h"
#include "base/write_signals.h"
#include "process.h"
#include "record/symbols.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr size_t kPathSize = 4096;

// The argument with its template expanded, and absolute.
bool expand_path(const Declared &declared, Text &path) {
  if (declared.argument.empty() || declared.argument[0] != '/') path << declared.directory << '/';
  return expand(declared.argument, path);
}

ActionResult remove(const char *path, int flags, Text &error) {
  const long result = sys::call(SYS_unlinkat, AT_FDCWD, sys::arg(path), flags);
  if (result == 0 || result == -ENOENT) return ActionResult::succeeded;
  return fail_with(error, "cannot remove", path, result);
}

ActionResult append_line(const char *path, std::string_view line, Text &error) {
  const int fd = open_to_append(path, 0666);
  if (fd == kPlanted) {
    error << path << ": another user's, in a directory that all may write";
    return ActionResult::failed;
  }
  if (fd < 0) return fail_with(error, "cannot open", path, fd);
  char newline = '\n';
  const iovec pieces[] = {{const_cast<char *>(line.data()), line.size()}, {&newline, 1}};
  WriteSignalsBlocked guard;
  const long written = sys::call(SYS_writev, fd, sys::arg(pieces), 2);
  sys::close(fd);
  if (written == static_cast<long>(line.size() + 1)) return ActionResult::succeeded;
  return fail_with(error, "cannot write", path, written < 0 ? written : -ENOSPC);
}

// The pid in a file that nobody but this user and root can have written; 0 with `error` where it is none.
int read_pid(const char *path, Text &error) {
  const int fd = sys::move_high(sys::open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW));
  if (fd < 0) {
    fail_with(error, "cannot open", path, fd);
    return 0;
  }
  char text[16] = {};
  struct stat status = {};
  const bool known = sys::fstat(fd, &status) == 0;
  const long size = sys::read(fd, text, sizeof text - 1);
  sys::close(fd);
  if (!known || !S_ISREG(status.st_mode) || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0 ||
      is_of_others(status.st_uid)) {
    error << path << ": others can write it, so its pid is not trusted";
    return 0;
  }
  int64_t pid = 0;
  long used = 0;
  while (used < size && used < 10 && text[used] >= '0' && text[used] <= '9')
    pid = pid * 10 + (text[used++] - '0');
  if (used < size && text[used] == '\n') ++used;
  if (used != size || pid <= 1 || pid > INT_MAX) {
    error << path << ": holds no pid (allowed: a decimal number above 1)";
    return 0;
  }
  return static_cast<int>(pid);
}

ActionResult signal_process(const char *path, int signal, Text &error) {
  const int pid = read_pid(path, error);
  if (pid == 0) return ActionResult::failed;
  const long result = sys::call(SYS_kill, pid, signal);
  return result == 0 ? ActionResult::succeeded
                     : fail_with(error, "cannot signal the process of", path, result);
}

// Templates are expanded after the words are cut: a program's name may hold a space.
ActionResult run_words(const Declared &declared, const Cause &cause, int64_t limit_ns, Text &error) {
  char *argv[kMaxWords + 1];
  char storage[kMaxCommand + 1];
  char program[kPathSize];
  const size_t count = split_words(declared.argument, argv, storage, error);
  if (count == 0) return ActionResult::failed;
  char buffer[2 * kMaxCommand];
  Text expanded(buffer);
  for (size_t i = 0; i < count; ++i) {
    char *word = buffer + expanded.size();
    if (!expand(argv[i], expanded)) return fail_with(error, "cannot expand", argv[i], -E2BIG);
    expanded << '\0';
    argv[i] = word;
  }
  if (argv[0][0] != '/' && strchr(argv[0], '/') != nullptr) {
    Text(program) << declared.directory << '/' << argv[0];
    argv[0] = program;
  }
  return run_program(argv, cause, limit_ns, error);
}

ActionResult call_symbol(const char *symbol, Text &error) {
  const auto function = reinterpret_cast<void (*)()>(const_cast<void *>(find_function(symbol)));
  if (function == nullptr) {
    error << "no such function in the program or its libraries";
    return ActionResult::failed;
  }
  function();
  return ActionResult::succeeded;
}

}  // namespace

// fflush(NULL) would wait for the one that sits in fgets.
ActionResult flush_streams(Text &error) {
  auto *const *list = static_cast<FILE *const *>(find_in_libc("_IO_list_all"));
  ActionResult result = ActionResult::succeeded;
  for (FILE *stream = list != nullptr ? *list : nullptr; stream != nullptr; stream = stream->_chain) {
    if (libc::__fpending(stream) == 0 || libc::ftrylockfile(stream) != 0) continue;
    if (libc::fflush_unlocked(stream) != 0) {
      (error << "cannot flush descriptor ").dec(libc::fileno_unlocked(stream))
          << ": " << libc::error_text(errno);
      result = ActionResult::failed;
    }
    libc::funlockfile(stream);
  }
  return result;
}

ActionResult fail_with(Text &error, const char *what, const char *path, long result) {
  error << what << ' ' << path << ": " << libc::error_text(static_cast<int>(-result));
  return ActionResult::failed;
}

ActionResult perform(const Declared &declared, const Cause &cause, int64_t limit_ns, Text &error) {
  if (declared.action == Action::call) return call_symbol(declared.argument.data(), error);
  if (declared.action == Action::flush) return flush_streams(error);

  if (declared.action == Action::exec) return run_words(declared, cause, limit_ns, error);

  char buffer[2 * kMaxCommand];
  Text argument(buffer);
  if (!(declared.action == Action::sh ? expand(declared.argument, argument)
                                      : expand_path(declared, argument)))
    return fail_with(error, "cannot expand", declared.argument.data(), -ENAMETOOLONG);
  switch (declared.action) {
    case Action::unlink:
      return remove(argument.c_str(), 0, error);
    case Action::rmdir:
      return remove(argument.c_str(), AT_REMOVEDIR, error);
    case Action::rmtree:
      return remove_tree(argument.c_str(), error);
    case Action::kill:
      return signal_process(argument.c_str(), declared.signal, error);
    case Action::sh: {
      const char *argv[] = {"/bin/sh", "-c", argument.c_str(), nullptr};
      return run_program(argv, cause, limit_ns, error);
    }
    case Action::write: {
      char line[2 * kMaxCommand];
      Text text(line);
      if (!expand(declared.text, text)) return fail_with(error, "cannot expand", "the text", -E2BIG);
      return append_line(argument.c_str(), text.view(), error);
    }
    default:
      return ActionResult::failed;
  }
}

}  // namespace axshim
