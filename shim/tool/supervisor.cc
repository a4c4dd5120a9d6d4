#include "tool/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "tool/process_stat.h"

namespace axshim::tool {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// By which job control stops a group.
constexpr int kStops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
// The terminal sends these to the whole foreground group: the program has its own.
constexpr int kOfTerminal[] = {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH, SIGCONT};
// Ask us to end, once the program has.
constexpr int kRequests[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

bool is_one_of(int signal, const auto &signals) {
  return std::find(std::begin(signals), std::end(signals), signal) != std::end(signals);
}

sigset_t only(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

sigset_t all_signals() {
  sigset_t set;
  sigfillset(&set);
  return set;
}

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

bool is_stopped(pid_t pid) {
  const std::optional<ProcessStat> now = stat_of(pid);
  return now && now->state == 'T';
}

bool is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Without one nobody would send us on again.
bool has_terminal() {
  const int fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

}  // namespace

Supervisor::Supervisor(bool adopts) {
  if (adopts) prctl(PR_SET_CHILD_SUBREAPER, 1);
  const sigset_t all = all_signals();
  sigprocmask(SIG_SETMASK, &all, &mask_);
  struct sigaction standard = {};
  sigaction(SIGCHLD, &standard, &child_);  // ignored, it would take the statuses away
  for (size_t i = 0; i < std::size(kStops); ++i) sigaction(kStops[i], &standard, &stop_[i]);
}

int Supervisor::start(char *const *argv, char *const *envp) {
  volatile int error = 0;
  pid_ = vfork();  // NOLINT: what it copies less than fork is half of what `run` costs
  if (pid_ == 0) {
    sigaction(SIGCHLD, &child_, nullptr);
    for (size_t i = 0; i < std::size(kStops); ++i) sigaction(kStops[i], &stop_[i], nullptr);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
    execvpe(argv[0], argv, envp);
    error = errno;
    _exit(127);
  }
  if (pid_ < 0) return errno;
  if (error != 0) waitpid(pid_, nullptr, 0);
  return error;
}

void Supervisor::wait_for_program() {
  const sigset_t all = all_signals();
  while (!has_ended()) {
    siginfo_t info;
    if (sigwaitinfo(&all, &info) > 0) take(info);
  }
}

void Supervisor::take(const siginfo_t &info) {
  if (info.si_signo == SIGCHLD) {
    reap();
  } else if (info.si_signo == SIGCONT && was_stopped_with_group_) {
    was_stopped_with_group_ = false;
    if (is_stopped(pid_)) kill(pid_, SIGCONT);  // else who sent us on sent it on too
  } else {
    forward(info);
  }
}

void Supervisor::forward(const siginfo_t &info) {
  if (info.si_code == SI_KERNEL && is_one_of(info.si_signo, kOfTerminal)) return;
  // What it sends to its parent, or to its group, is not meant for itself, or has come to it already.
  const bool has_sender = info.si_code <= 0;
  if (has_sender && (info.si_pid == pid_ || info.si_pid == getpid())) return;
  // From the one who sent it to us, which only a queued signal can say.
  siginfo_t copy = info;
  copy.si_code = SI_QUEUE;
  if (has_sender && syscall(SYS_rt_sigqueueinfo, pid_, info.si_signo, &copy) == 0) return;
  kill(pid_, info.si_signo);
}

void Supervisor::stop_alike(int signal) {
  was_stopped_with_group_ = true;
  if (signal == SIGSTOP) {
    if (has_terminal()) raise(SIGSTOP);
    return;
  }
  raise(signal);
  const sigset_t set = only(signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);  // here we stop, unless nobody could send us on
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

void Supervisor::reap() {
  for (;;) {
    siginfo_t info = {};
    if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) != 0) has_children_ = false;
    const pid_t pid = info.si_pid;
    if (pid == 0) return;
    const std::optional<ProcessStat> now = stat_of(pid);  // while the pid is still its
    int status;
    if (waitpid(pid, &status, WNOHANG | WUNTRACED) != pid) continue;
    if (!WIFSTOPPED(status)) {
      ended_[pid] = {now ? now->start_ticks : 0, status};
    } else if (pid == pid_) {
      stop_alike(WSTOPSIG(status));
    }
  }
}

void Supervisor::wait_for_others(int64_t nanoseconds, const std::function<void(int64_t)> &tick) {
  const sigset_t all = all_signals();
  const int64_t deadline = now() + nanoseconds;
  for (reap(); has_children_; reap()) {
    const int64_t left = deadline - now();
    if (left <= 0) return;
    tick(left);
    const int64_t pause = std::min(left, kSecond);
    const timespec timeout = {pause / kSecond, pause % kSecond};
    const int signal = sigtimedwait(&all, nullptr, &timeout);
    if (is_one_of(signal, kRequests) && !is_ignored(signal)) return;
    if (is_one_of(signal, kStops)) stop_alike(signal);
  }
}

void Supervisor::let_signals_in() {
  // What came for the program as it ended is not for us.
  const sigset_t all = all_signals();
  const timespec none = {};
  while (sigtimedwait(&all, nullptr, &none) > 0) continue;
  for (const int request : kRequests) {
    const sigset_t set = only(request);
    if (sigismember(&mask_, request) == 0) sigprocmask(SIG_UNBLOCK, &set, nullptr);
  }
}

void Supervisor::end_alike() {
  if (WIFEXITED(status())) exit(WEXITSTATUS(status()));
  const int signal = WTERMSIG(status());
  const rlimit no_core = {};
  setrlimit(RLIMIT_CORE, &no_core);
  prctl(PR_SET_DUMPABLE, 0);  // a core that goes to a pipe knows no limit
  struct sigaction standard = {};
  sigaction(signal, &standard, nullptr);
  const sigset_t set = only(signal);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  kill(getpid(), signal);
  exit(128 + signal);  // process 1 does not die of it
}

}  // namespace axshim::tool
