#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/environment.h"
#include "base/pages.h"
#include "base/real.h"
#include "base/signals.h"
#include "base/sys.h"
#include "cleanup/actions.h"
#include "process.h"

namespace axshim {
namespace {

constexpr size_t kStack = 64 * 1024;

struct Child {
  const char *const *argv;
  const char *const *envp;
  const char *path;    // of the program's PATH
  volatile int error;  // why it could not be started
};

// In the child, which shares our memory but not our signal dispositions: raw calls only.
int start(void *argument) {
  Child &child = *static_cast<Child *>(argument);
  sys::call(SYS_setpgid, 0, 0);
  for (int signal = 1; signal <= 64; ++signal) sys::change_action(signal, {});
  // In its own group it may still set the terminal, as stty does.
  sys::change_action(SIGTTOU, {.handler = SIG_IGN});
  sys::change_mask(SIG_SETMASK, 0);

  int error = ENOENT;  // the memory is the parent's: it learns of an error only when all has failed
  const auto exec = [&](const char *file) {
    const long result = sys::call(SYS_execve, sys::arg(file), sys::arg(child.argv), sys::arg(child.envp));
    if (result != -ENOENT) error = static_cast<int>(-result);
  };
  if (strchr(child.argv[0], '/') != nullptr) {
    exec(child.argv[0]);
  } else {
    std::string_view rest = child.path;
    while (true) {
      const size_t colon = rest.find(':');
      char buffer[4096];
      Text file(buffer);
      file << rest.substr(0, colon);
      if (!file.empty()) file << '/';
      exec((file << child.argv[0]).c_str());
      if (colon == rest.npos) break;
      rest.remove_prefix(colon + 1);
    }
  }
  child.error = error;
  sys::exit_group(127);
}

bool has_prefix(const char *variable, std::string_view prefix) {
  return strncmp(variable, prefix.data(), prefix.size()) == 0;
}

bool is_ours(const char *variable) {
  for (const char *name : {"AXSHIM_PID=", "AXSHIM_KIND=", "AXSHIM_STATUS=", "AXSHIM_SIGNAL="})
    if (has_prefix(variable, name)) return true;
  return false;
}

// The program's environment without the preload, plus what ended it.
const char **child_environment(const Cause &cause, Text &storage) {
  size_t count = 0;
  while (environ != nullptr && environ[count] != nullptr) ++count;
  const char **result = static_cast<const char **>(map_pages((count + 5) * sizeof *result));
  if (result == nullptr) return nullptr;
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    if (is_ours(environ[i])) continue;
    if (!has_prefix(environ[i], "LD_PRELOAD=")) {
      result[used++] = environ[i];
      continue;
    }
    const char *without = storage.c_str() + storage.size();
    storage << "LD_PRELOAD=";
    if (append_preload_without_us(storage, environ[i] + strlen("LD_PRELOAD="))) result[used++] = without;
    storage << '\0';
  }
  const auto set = [&](auto &&append) {
    result[used++] = storage.c_str() + storage.size();
    append(storage);
    storage << '\0';
  };
  set([](Text &out) { (out << "AXSHIM_PID=").dec(process.pid); });
  set([&](Text &out) { out << "AXSHIM_KIND=" << end_name(cause.end); });
  if (has_signal(cause.end)) {
    set([&](Text &out) { out << "AXSHIM_SIGNAL=" << signal_name(cause.signal); });
  } else if (cause.end != End::vanished) {
    set([&](Text &out) { (out << "AXSHIM_STATUS=").dec(cause.status); });
  }
  return result;
}

// SIGCHLD at SIG_DFL while a child of ours lives: where it is ignored the kernel reaps the child itself,
// where it is handled the program's handler would.
class DefaultSigchld {
 public:
  DefaultSigchld() { sys::change_action(SIGCHLD, {}, &before_); }
  ~DefaultSigchld() { sys::change_action(SIGCHLD, before_); }

 private:
  sys::Action before_;
};

bool ended_in_time(int pidfd, int64_t limit_ns) {
  const int64_t deadline = limit_ns > 0 ? monotonic_ns() + limit_ns : 0;
  for (;;) {
    const int64_t left = deadline - monotonic_ns();
    if (deadline != 0 && left <= 0) return false;
    const timespec wait = {left / 1'000'000'000, left % 1'000'000'000};
    pollfd ended = {pidfd, POLLIN, 0};
    const long result = sys::call(SYS_ppoll, sys::arg(&ended), 1, deadline != 0 ? sys::arg(&wait) : 0, 0, 8);
    if (result > 0 || (result < 0 && result != -EINTR)) return true;
  }
}

}  // namespace

ActionResult run_program(const char *const *argv, const Cause &cause, int64_t limit_ns, Text &error) {
  constexpr size_t kStorage = 16 * 1024;
  char *memory = static_cast<char *>(map_pages(kStack + kStorage));
  if (memory == nullptr) return fail_with(error, "cannot start", argv[0], -ENOMEM);
  Text storage(memory + kStack, kStorage);
  const char *path = find_variable(environ, "PATH");
  Child child = {argv, child_environment(cause, storage), path != nullptr ? path : "/usr/bin:/bin", 0};
  DefaultSigchld sigchld;
  int pidfd = -1;
  uint64_t mask = 0;
  // The child must not run our handlers in our memory.
  sys::change_mask(SIG_SETMASK, sys::kAllSignals, &mask);
  const int pid =
      libc::clone(start, memory + kStack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
  sys::change_mask(SIG_SETMASK, mask);
  if (pid < 0) return fail_with(error, "cannot start", argv[0], -errno);
  pidfd = sys::move_high(pidfd);
  const bool in_time = pidfd < 0 || ended_in_time(pidfd, limit_ns);
  if (!in_time) {
    sys::call(SYS_kill, -pid, SIGKILL);
    sys::call(SYS_kill, pid, SIGKILL);
  }
  int status = 0;
  long waited;
  do waited = sys::call(SYS_wait4, pid, sys::arg(&status), __WALL, 0);
  while (waited == -EINTR);
  sys::close(pidfd);
  unmap_pages(memory, kStack + kStorage);
  if (!in_time) return ActionResult::timed_out;
  if (child.error != 0) return fail_with(error, "cannot start", argv[0], -child.error);
  if (waited < 0) return fail_with(error, "the program took the status of", argv[0], waited);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return ActionResult::succeeded;
  if (WIFEXITED(status)) {
    (error << "exited with status ").dec(WEXITSTATUS(status));
  } else {
    error << "was killed by " << signal_name(WTERMSIG(status));
  }
  return ActionResult::failed;
}

}  // namespace axshim
