#include "preload/tracer.h"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "preload/harness.h"

namespace axshim_test {
namespace {

bool matches(const SystemCall &seen, const SystemCall &wanted) {
  return seen.number == wanted.number && seen.after == wanted.after &&
         (!wanted.first || seen.first == wanted.first);
}

}  // namespace

// The leader comes last: the others go on once that is traced, and none of them runs by then.
Tracer::Tracer(pid_t pid) : pid_(pid) {
  const Path tasks = "/proc/" + std::to_string(pid) + "/task";
  std::vector<pid_t> tids;
  for (const auto &task : std::filesystem::directory_iterator(tasks))
    tids.push_back(std::stoi(task.path().filename()));
  std::partition(tids.begin(), tids.end(), [pid](pid_t tid) { return tid != pid; });
  for (const pid_t tid : tids) {
    std::string name = read_file(tasks / std::to_string(tid) / "comm");
    name.resize(name.find('\n'));
    if (!threads_.emplace(name, Thread{tid}).second)
      throw std::runtime_error("two threads are named " + name);
    if (ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD) != 0 || ptrace(PTRACE_INTERRUPT, tid, 0, 0) != 0)
      throw std::runtime_error("may not trace " + name);
    int status = 0;
    if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status))
      throw std::runtime_error("did not stop: " + name);
  }
}

// They can be let go from a stop alone. All at once: the leader's end is not to be seen before that of the
// others.
Tracer::~Tracer() {
  for (auto &[name, thread] : threads_)
    if (!thread.held && !thread.gone) ptrace(PTRACE_INTERRUPT, thread.tid, 0, 0);
  const auto runs = [](auto &named) { return !named.second.held && !named.second.gone; };
  while (std::any_of(threads_.begin(), threads_.end(), runs) && Clock::now() < deadline_)
    for (auto &[name, thread] : threads_) is_at_a_call(thread);
  // One that is being killed can't be let go any more, but its end is to be seen.
  while (!threads_.empty() && Clock::now() < deadline_)
    for (auto it = threads_.begin(); it != threads_.end();) {
      const bool is_off = is_gone(it->second) || ptrace(PTRACE_DETACH, it->second.tid, 0, 0) == 0;
      it = is_off ? threads_.erase(it) : std::next(it);
    }
}

void Tracer::go_on(Thread &thread, int signal) {
  thread.held = false;
  ptrace(PTRACE_SYSCALL, thread.tid, 0, signal);
}

// The end of a thread is the tracer's to see, whatever it was held at; that of the leader the harness's.
bool Tracer::is_gone(Thread &thread) {
  if (thread.gone) return true;
  const auto look = [&](int options) {
    siginfo_t info = {};
    const int found =
        waitid(P_PID, static_cast<id_t>(thread.tid), &info, WEXITED | WNOHANG | __WALL | options);
    if (found != 0) return errno == ECHILD;
    return info.si_pid != 0 && info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED;
  };
  thread.gone = look(WNOWAIT);
  if (thread.gone && thread.tid != pid_) look(0);
  return thread.gone;
}

// Where it has stopped for another reason it goes on, but for the stop of the destructor.
bool Tracer::is_at_a_call(Thread &thread) {
  siginfo_t info = {};
  if (is_gone(thread) || thread.held) return false;
  if (waitid(P_PID, static_cast<id_t>(thread.tid), &info, WSTOPPED | WNOHANG | __WALL) != 0 ||
      info.si_pid == 0)
    return sched_yield(), false;
  thread.held = true;
  if (info.si_status == (SIGTRAP | 0x80)) {
    __ptrace_syscall_info call = {};
    ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), thread.tid, sizeof call, &call);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY)
      thread.call = {static_cast<long>(call.entry.nr), static_cast<long>(call.entry.args[0])};
    else
      thread.call.after = true;
    return true;
  }
  if (info.si_status >> 8 != PTRACE_EVENT_STOP) go_on(thread, info.si_status & 0xff);
  return false;
}

bool Tracer::hold(const std::string &name, const std::vector<SystemCall> &calls) {
  Thread &thread = threads_.at(name);
  if (thread.held) go_on(thread);
  while (!thread.gone && !threads_.at("main").gone) {
    if (Clock::now() > deadline_) throw std::runtime_error(name + " does not come to where it is to be held");
    for (auto &[other_name, other] : threads_) {
      const bool was_held = other.held, is_at_one = is_at_a_call(other);
      if (is_at_one && &other == &thread)
        for (const SystemCall &wanted : calls)
          if (matches(other.call, wanted)) return true;
      if (other.held && !was_held && !other.gone) go_on(other);
    }
  }
  return false;
}

void Tracer::release(const std::string &name) {
  Thread &thread = threads_.at(name);
  if (thread.held) go_on(thread);
}

}  // namespace axshim_test
