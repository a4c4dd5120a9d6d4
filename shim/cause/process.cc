// What processes do to each other and to themselves: the self-made SIGKILL, and becoming a daemon.
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "base/export.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cause/dispositions.h"
#include "cleanup/adopt.h"
#include "cleanup/runner.h"
#include "record/journal.h"
#include "record/unflushed.h"
#include "terminate.h"

namespace axshim {
namespace {

// SIGKILL that this process sends to itself: the one end by signal that no handler sees. The kernel sends
// none to process 1.
void record_own_kill(const char *called) {
  if (process.pid == 1 || !is_mine()) return;
  Cause cause = {.end = End::signal, .signal = SIGKILL, .called = called};
  cause.info.si_signo = SIGKILL;
  cause.info.si_pid = process.pid;
  if (!process.quiet) cause.info.si_uid = static_cast<uid_t>(sys::call(SYS_getuid));
  capture(&cause.context);
  terminate(cause);
}

// Before a signal of this process to itself. The hooks end in a jump to libc, so that the core of a signal
// that kills shows who called them.
void about_to_signal_self(int signal, const char *called) {
  if (signal == SIGKILL) return record_own_kill(called);
  watch_again(signal);
}

// Of the signals that end a process the kernel lets all but these take effect when they are sent, on all
// threads at once.
constexpr uint64_t kWithCore = sys::fault_signals() | sys::signal_bit(SIGQUIT) | sys::signal_bit(SIGABRT) |
                               sys::signal_bit(SIGXCPU) | sys::signal_bit(SIGXFSZ) | sys::signal_bit(SIGSYS);

// So the thread that sends its process one does not come back. A handler, ours, may run on another thread and
// let this one go on: then this thread takes it, unless it blocks it.
bool takes_it_itself(int signal) {
  if ((kWithCore & sys::signal_bit(signal)) != 0) return false;
  struct sigaction now;
  uint64_t mask = 0;
  sys::change_mask(SIG_BLOCK, 0, &mask);
  return (mask & sys::signal_bit(signal)) == 0 && libc::sigaction(signal, nullptr, &now) == 0 &&
         is_our_handler(now);
}

void signal_this_thread(int signal) {
  siginfo_t info = {};
  info.si_signo = signal;
  info.si_code = SI_USER;
  info.si_pid = process.pid;
  info.si_uid = static_cast<uid_t>(sys::call(SYS_getuid));
  sys::call(SYS_rt_tgsigqueueinfo, process.pid, sys::gettid(), signal, sys::arg(&info));
}

bool is_own_group(pid_t group) { return group == 0 || group == sys::call(SYS_getpgid, 0); }

bool reaches_self(pid_t pid) { return pid == process.pid || pid == 0 || (pid < -1 && is_own_group(-pid)); }

constexpr uid_t kSame = static_cast<uid_t>(-1);

// Root becomes somebody else. Where the call fails, or leaves a way back, the journal stays root's.
template <class Set>
int give_up_root(uid_t real, uid_t effective, uid_t saved, Set set) {
  ensure_loaded();
  const uid_t becomes[] = {real, effective, saved};
  const bool for_good = std::none_of(std::begin(becomes), std::end(becomes),
                                     [](uid_t uid) { return uid == 0 || uid == kSame; });
  const bool hands_over = for_good && !process.quiet && sys::call(SYS_geteuid) == 0;
  if (hands_over) journal::hand_over(effective);
  const int result = set();
  if (hands_over && result != 0) journal::hand_over(0);
  return result;
}

constexpr dev_t kNullDevice = 1 << 8 | 3;  // makedev(1, 3), which is a function of libc at -O0

}  // namespace
}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int kill(pid_t pid, int signal) noexcept {
  ensure_loaded();
  if (reaches_self(pid)) about_to_signal_self(signal, "kill");
  const bool from_another_thread =
      pid == process.pid && signal > 0 && signal < 65 && !process.quiet && is_mine() && sys::gettid() != pid;
  if (from_another_thread && takes_it_itself(signal)) signal_this_thread(signal);
  return real::kill(pid, signal);
}

int killpg(pid_t group, int signal) noexcept {
  ensure_loaded();
  if (is_own_group(group)) about_to_signal_self(signal, "killpg");
  return real::killpg(group, signal);
}

int raise(int signal) noexcept {
  ensure_loaded();
  about_to_signal_self(signal, "raise");
  return real::raise(signal);
}

int tgkill(pid_t pid, pid_t tid, int signal) {
  ensure_loaded();
  if (pid == process.pid && sys::call(SYS_tgkill, pid, tid, 0) == 0) about_to_signal_self(signal, "tgkill");
  return real::tgkill(pid, tid, signal);
}

int sigqueue(pid_t pid, int signal, const union sigval value) noexcept {
  ensure_loaded();
  if (pid == process.pid) about_to_signal_self(signal, "sigqueue");
  return real::sigqueue(pid, signal, value);
}

// In a cleanup it would end the thread that ends the process.
void pthread_exit(void *result) {
  end_running_cleanup("called pthread_exit");
  real::pthread_exit(result);
  __builtin_unreachable();
}

int setuid(uid_t uid) noexcept {
  return give_up_root(uid, uid, uid, [&] { return real::setuid(uid); });
}
int setreuid(uid_t real, uid_t effective) noexcept {
  return give_up_root(real, effective, effective, [&] { return real::setreuid(real, effective); });
}
int setresuid(uid_t real, uid_t effective, uid_t saved) noexcept {
  return give_up_root(real, effective, saved, [&] { return real::setresuid(real, effective, saved); });
}

pid_t setsid() noexcept {
  ensure_loaded();
  const pid_t session = real::setsid();
  if (session > 0 && is_mine()) become_daemon_owner();
  return session;
}

// libc's ends the parent by a hidden _exit that nobody sees; the same steps with calls that are ours.
int daemon(int nochdir, int noclose) noexcept {
  ensure_loaded();
  const pid_t child = libc::fork();
  if (child < 0) return -1;
  if (child > 0) {
    remember_inherited_output();  // the child has it in its buffers
    _exit(0);
  }
  if (setsid() < 0) return -1;
  if (nochdir == 0) sys::call(SYS_chdir, sys::arg("/"));
  if (noclose != 0) return 0;
  const int null = sys::openat(AT_FDCWD, "/dev/null", O_RDWR);
  struct stat status = {};
  if (null < 0 || sys::fstat(null, &status) != 0) {
    errno = null < 0 ? -null : EBADF;
    return -1;
  }
  if (!S_ISCHR(status.st_mode) || status.st_rdev != kNullDevice) {
    sys::close(null);
    errno = ENODEV;
    return -1;
  }
  for (int fd = 0; fd <= 2; ++fd)
    if (fd != null) sys::call(SYS_dup3, null, fd, 0);
  if (null > 2) sys::close(null);
  return 0;
}

AXSHIM_EXPORTS_END
