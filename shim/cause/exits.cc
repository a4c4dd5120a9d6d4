// The ends that libc offers: return from main, exit, _exit, _Exit, quick_exit, abort, and exit_group itself.
#include "cause/exits.h"

#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/errno_guard.h"
#include "base/export.h"
#include "base/fault_guard.h"
#include "base/proc.h"
#include "base/real.h"
#include "base/sys.h"
#include "base/unwind_cleanup.h"
#include "cause/cause.h"
#include "cause/dispositions.h"
#include "cause/graceful.h"
#include "cause/phase.h"
#include "cause/seccomp.h"
#include "cleanup/adopt.h"
#include "cleanup/observed.h"
#include "cleanup/runner.h"
#include "environ.h"
#include "process.h"
#include "record/exception.h"
#include "settings.h"
#include "terminate.h"

namespace axshim {
namespace {

std::atomic<bool> quick_registered{false};

End current_end() { return graceful::is_leaving() ? End::graceful_signal : End::exit; }

void last_handler(int status, void *);

// Another thread that called exit too, and finds nothing more to do, would end the process while this one is
// at the last handler: so it finds the same handler again, and waits there.
constexpr int kSpareHandlers = 7;  // so many may come at once

void conclude_orderly(const Cause &unseen) {
  Cause cause = announced(unseen);
  cause.status = unseen.status;
  conclude(cause);
}

// libc's list is done but for stdio's flush. Where no hook saw the end begin (err, error, the last
// pthread_exit call a hidden exit), the stack from here on says who began it.
void last_handler(int status, void *) {
  if (phase::is_done()) return;
  run_handlers_left(status);
  if (running_handler() != nullptr) note_orderly_end();  // that one called exit where no hook saw it
  if (!is_mine()) return;
  if (inside_guarded()) {  // errx in a cleanup: libc has taken these off its list
    register_last_handler();
    end_running_cleanup("called exit");
  }
  if (!claim_last_step()) {
    libc::on_exit(last_handler, nullptr);  // for the next
    phase::wait_until_done();
    if (graceful::is_leaving()) graceful::die();
    return;
  }
  Cause unseen = {.end = End::exit, .status = status & 0xff};
  capture(&unseen.context);
  const bool matters = could_matter(current_end());
  if (matters) conclude_orderly(unseen);
  const bool dies = !graceful::close();
  if (dies && !matters) conclude_orderly(unseen);
  if (!dies && !matters) end_unrecorded();
  leave_last_step();
  if (dies) graceful::die();
}

// What is registered from main on has run. Then comes _dl_fini, which unloads the libraries as dlclose does.
void main_is_left(int status, void *has_ordinary_cleanups) {
  run_handlers_left(status);
  if (running_handler() != nullptr || !phase::orderly_has_begun()) note_orderly_end();
  if (has_ordinary_cleanups == nullptr) return;
  Cause unseen = {.end = End::exit, .status = status};
  run_ordinary_cleanups(announced(unseen));
}

void record_immediate_exit(int status, const char *called) {
  ensure_loaded();
  drop_left_handler(__builtin_frame_address(0));
  yield_to_forced_end();
  if (!could_matter(End::immediate_exit)) return end_unrecorded();
  end_running_cleanup("called _exit");
  Cause cause = {.end = End::immediate_exit, .status = status & 0xff, .called = called};
  capture(&cause.context);
  terminate(cause);
}

[[noreturn]] void exit_now(int status, const char *called) {
  record_immediate_exit(status, called);
  sys::exit_group(status);
}

using Main = int(int, char **, char **);
Main *program_main;

// Not noexcept: cancelling the main thread, or pthread_exit, unwinds through it.
int run_main(int argc, char **argv, char **envp) {
  if (settings.graceful.empty()) return program_main(argc, argv, envp);
  const UnwindCleanup when_cancelled([](void *) { graceful::discount_thread(); }, nullptr);
  return program_main(argc, argv, envp);
}

int wrapped_main(int argc, char **argv, char **envp) {
  if (process.watched) {
    argv = edit_environment(argc, argv);
    envp = environ;
    begin_stretch();
    libc::on_exit(main_is_left, register_ordinary_cleanups() ? &process : nullptr);
    mark_for_exit();  // so that no signal handler that registers a cleanup has to: on_exit may hold a lock
  }
  const int status = run_main(argc, argv, envp);
  yield_to_forced_end();
  note_orderly_end();
  if (Cause *cause = announce(End::main_return)) {
    cause->status = status;
    publish(*cause);
  }
  return status;
}

// The handlers of at_quick_exit run before ours only if ours was registered first.
void last_quick_handler(void *) {
  const Cause unseen = {.end = End::quick_exit};
  terminate(announced(unseen));
  if (!graceful::close()) graceful::die();
}

}  // namespace

void register_last_handler() {
  begin_stretch();
  for (int i = 0; i <= kSpareHandlers; ++i) libc::on_exit(last_handler, nullptr);
}

void register_last_quick_handler() {
  if (!process.watched || quick_registered.exchange(true)) return;
  for (int i = 0; i <= kSpareHandlers; ++i) libc::__cxa_at_quick_exit(last_quick_handler, nullptr);
}

void forget_last_quick_handler() { quick_registered = false; }

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int __libc_start_main(Main *main, int argc, char **argv, void (*init)(), void (*fini)(), void (*rtld_fini)(),
                      void *stack_end) {
  ensure_loaded();
  program_main = main;
  begin_stretch();  // libc is about to register the destructors of libraries
  return real::__libc_start_main(wrapped_main, argc, argv, init, fini, rtld_fini, stack_end);
}

void exit(int status) noexcept {
  ensure_loaded();
  end_running_cleanup("called exit");
  yield_to_forced_end();
  note_orderly_end();
  if (Cause *cause = announce(End::exit)) {
    cause->status = status & 0xff;
    cause->called = "exit";
    capture(&cause->context);
    publish(*cause);
  }
  real::exit(status);
  __builtin_unreachable();
}

void _exit(int status) { exit_now(status, "_exit"); }
void _Exit(int status) noexcept { exit_now(status, "_Exit"); }

void quick_exit(int status) noexcept {
  ensure_loaded();
  yield_to_forced_end();
  if (could_matter(End::quick_exit)) {
    end_running_cleanup("called quick_exit");
    register_last_quick_handler();
  } else {
    end_unrecorded();
  }
  if (Cause *cause = announce(End::quick_exit)) {
    cause->status = status & 0xff;
    cause->called = "quick_exit";
    capture(&cause->context);
    publish(*cause);
  }
  real::quick_exit(status);
  __builtin_unreachable();
}

namespace {

// std::terminate comes through abort too.
void end_cleanup_that_threw() {
  if (!inside_guarded()) return;
  static char why[256];
  Text text(why);
  append_current_exception(text << "threw ");
  if (text.view() != "threw ") end_running_cleanup(why);
}

// Made by libc's functions, it concerns all threads.
bool concerns_one_thread(long number, long option) {
  switch (number) {
    case SYS_unshare:
    case SYS_setns:
    case SYS_capset:
    case SYS_landlock_restrict_self:
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setreuid:
    case SYS_setregid:
    case SYS_setresuid:
    case SYS_setresgid:
    case SYS_setgroups:
      return true;
    case SYS_prctl:
      return takes_rights(static_cast<int>(option));
    default:
      return false;
  }
}

}  // namespace

// The program's handler comes first, and may not come back (longjmp). If it does, the process ends here.
void abort() noexcept {
  ensure_loaded();
  drop_left_handler(__builtin_frame_address(0));
  end_cleanup_that_threw();
  end_running_cleanup("called abort");
  if (is_mine()) {
    struct sigaction now = {};
    if (!process.quiet) libc::sigaction(SIGABRT, nullptr, &now);
    if (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN && !is_our_handler(now)) {
      sys::change_mask(SIG_UNBLOCK, sys::signal_bit(SIGABRT));
      sys::call(SYS_tgkill, sys::getpid(), sys::gettid(), SIGABRT);
    }
    Cause cause = {.end = End::abort, .signal = SIGABRT, .called = "abort"};
    capture(&cause.context);
    terminate(cause);
    phase::begin_dying();
    await_changes();
    const struct sigaction by_default = {};
    if (!process.quiet) libc::sigaction(SIGABRT, &by_default, nullptr);
  }
  real::abort();
  __builtin_unreachable();
}

long syscall(long number, ...) noexcept {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long &argument : a) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_exit_group) exit_now(static_cast<int>(a[0]), "syscall(SYS_exit_group");
  if (number == SYS_exit && is_mine() && !process.quiet && is_only_thread()) {
    record_immediate_exit(static_cast<int>(a[0]), "syscall(SYS_exit");
    graceful::stop();
  }
  const bool by_prctl = number == SYS_prctl && a[0] == PR_SET_SECCOMP;
  const bool by_seccomp =
      number == SYS_seccomp && (a[0] == SECCOMP_SET_MODE_STRICT || a[0] == SECCOMP_SET_MODE_FILTER);
  SeccompWatch watch(by_prctl || by_seccomp,
                     by_prctl ? a[1] == SECCOMP_MODE_STRICT : a[0] == SECCOMP_SET_MODE_STRICT);
  if (concerns_one_thread(number, a[0])) graceful::stop();
  // From libc's place: PR_SET_SYSCALL_USER_DISPATCH lets calls through by where they come from.
  const long result = real::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const ErrnoGuard guard;
  if (number == SYS_unshare || number == SYS_setns) graceful::start();
  if (result == -1) watch.failed();
  return result;
}

AXSHIM_EXPORTS_END
