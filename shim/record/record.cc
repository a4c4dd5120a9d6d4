#include "record/record.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault_guard.h"
#include "base/pages.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cleanup/registry.h"
#include "process.h"
#include "record/exception.h"
#include "settings.h"

// The linker's names for our own first and last byte.
extern "C" [[gnu::visibility("hidden")]] const char __ehdr_start[], _end[];

namespace axshim {
namespace {

constexpr size_t kHandlerSearch = 64;  // frames; a handler is found within them or taken for none

// Our own frames are not the program's: the hook at the top, the wrappers of main and of threads.
bool is_ours(const Frame &frame) {
  return frame.pc >= reinterpret_cast<uintptr_t>(__ehdr_start) &&
         frame.pc < reinterpret_cast<uintptr_t>(_end);
}

size_t unwind_program(const Context &context, Frame *frames, size_t capacity) {
  size_t count = 0;
  const size_t found = unwind(context, frames, capacity);
  for (size_t i = 0; i < found; ++i)
    if (!is_ours(frames[i])) frames[count++] = frames[i];
  return count;
}

void collect_backtrace(const Cause &cause, Record &record) {
  if (cause.end == End::main_return || settings.backtrace == 0) return;
  const size_t wanted = static_cast<size_t>(settings.backtrace);
  const size_t spare = 8;  // for frames of ours
  Frame *frames = static_cast<Frame *>(map_pages((wanted + spare) * sizeof(Frame)));
  record.frames = static_cast<Symbol *>(map_pages(wanted * sizeof(Symbol)));
  if (frames == nullptr || record.frames == nullptr) return;
  record.frame_count = unwind_program(cause.context, frames, wanted + spare);
  if (record.frame_count > wanted) record.frame_count = wanted;
  symbolize(frames, record.frame_count, record.frames);
}

void collect_last_words(const Cause &cause, Record &record) {
  if (cause.end != End::abort) return;
  guarded([&] {
    struct AbortMessage {  // what libc leaves for debuggers
      unsigned size;
      char text[];
    };
    const auto *slot = static_cast<const AbortMessage *const *>(find_symbol("libc.so", "__abort_msg"));
    if (slot == nullptr || *slot == nullptr) return;
    Text message(record.message);
    message << (*slot)->text;
    while (message.view().ends_with('\n')) message.resize(message.size() - 1);
  });
  Text exception(record.exception);
  guarded([&] { append_ending_exception(cause, exception); });
}

}  // namespace

bool in_signal_handler(const Context &where) {
  Frame frames[kHandlerSearch];
  const size_t count = unwind(where, frames, kHandlerSearch);
  for (size_t i = 0; i < count; ++i)
    if (frames[i].is_signal_frame) return true;
  return false;
}

bool comes_from_abort(const Cause &cause) {
  const bool raised =
      cause.signal == SIGABRT && cause.info.si_code == SI_TKILL && cause.info.si_pid == process.pid;
  const bool as_process_1 = process.pid == 1 && cause.signal == SIGSEGV && cause.info.si_code == SI_KERNEL;
  if (cause.end != End::signal || !(raised || as_process_1)) return false;
  Frame frames[8];
  const size_t count = unwind(cause.context, frames, 8);
  for (size_t i = 0; i < count; ++i)
    if (address_in_function(frames[i].pc - frames[i].is_return_address, "libc.so", "abort")) return true;
  return false;
}

bool is_inherited(const Entry &entry) {
  return settings.inherit && !registry::is_own(entry) && entry.state == State::registered;
}

bool is_listed(const Entry &entry) {
  return is_inherited(entry) ||
         (registry::is_own(entry) && entry.state > State::running && entry.state < State::cancelled);
}

void judge(const Cause &cause, Summary &summary, bool &clean) {
  clean = cause.end != End::abort && !(cause.end == End::signal && cause.signal != SIGPIPE);
  for (size_t i = 0; i < registry::size(); ++i) {
    const Entry &entry = registry::at(i);
    if (!is_listed(entry) || is_inherited(entry)) continue;
    ++summary.registered;
    switch (entry.state.load()) {
      case State::ran:
        ++summary.ran;
        continue;
      case State::failed:
        ++summary.failed;
        break;
      case State::timed_out:
        ++summary.timed_out;
        break;
      case State::interrupted:
        ++summary.interrupted;
        break;
      default:
        ++summary.skipped;
        // One for forced ends alone was not due at an orderly one: nothing is lost.
        if (entry.reason == Reason::policy && is_orderly(cause.end)) continue;
    }
    clean = false;
  }
}

void collect(const Cause &cause, Record &record) {
  record.cause = &cause;
  record.time = read_clock(CLOCK_REALTIME);
  const timespec now = read_clock(CLOCK_MONOTONIC);
  record.uptime_ns = (now.tv_sec - process.started_monotonic.tv_sec) * 1'000'000'000 + now.tv_nsec -
                     process.started_monotonic.tv_nsec;
  record.tid = sys::gettid();
  if (process.quiet) return;

  utsname names;
  if (sys::call(SYS_uname, sys::arg(&names)) == 0) Text(record.host) << names.nodename;
  record.ppid = static_cast<int>(sys::call(SYS_getppid));
  record.uid = static_cast<int>(sys::call(SYS_getuid));
  sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/self/exe"), sys::arg(record.exe),
            sizeof record.exe - 1);
  Text thread(record.thread_name), sender(record.sender_name);
  append_thread_name(thread, record.tid);
  if (has_sender(cause)) append_process_name(sender, cause.info.si_pid);
  collect_backtrace(cause, record);
  collect_last_words(cause, record);
}

bool is_fault(const Cause &cause) {
  const siginfo_t &info = cause.info;
  return info.si_code > 0 && info.si_code != SI_KERNEL &&
         (info.si_signo == SIGSEGV || info.si_signo == SIGBUS || info.si_signo == SIGILL ||
          info.si_signo == SIGFPE || info.si_signo == SIGTRAP);
}

bool has_sender(const Cause &cause) {
  return cause.end == End::signal && cause.info.si_pid != process.pid && cause.info.si_pid > 0 &&
         (cause.info.si_code == SI_USER || cause.info.si_code == SI_TKILL || cause.info.si_code == SI_QUEUE);
}

}  // namespace axshim
