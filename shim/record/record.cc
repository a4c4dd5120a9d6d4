#include "record/record.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/fault_guard.h"
#include "base/pages.h"
#include "base/proc.h"
#include "base/sys.h"
#include "cleanup/observed.h"
#include "cleanup/outcomes.h"
#include "cleanup/registry.h"
#include "process.h"
#include "record/exception.h"
#include "record/hazards.h"
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

bool is_listed(const Entry &entry, const Result &result) {
  if (entry.source == Source::language || result.state < State::ran || result.state > State::skipped)
    return false;
  return registry::is_own(entry) || result.state == State::interrupted || settings.inherit;
}

// Those of a turn in its order, then the inherited ones, newest first.
void collect_cleanups(Record &record) {
  const size_t size = registry::size(), turns = registry::turns();
  const size_t capacity = size + turns;
  auto *all =
      static_cast<const Entry **>(process.quiet ? nullptr : map_pages((capacity + 1) * sizeof(Entry *)));
  const size_t most = all != nullptr ? capacity : std::size(record.few);
  if (all != nullptr) record.cleanups = all;
  size_t end = all != nullptr ? turns : 0;
  for (size_t i = size; i-- > 0;) {
    const Entry &entry = registry::at(i);
    if (!is_listed(entry, result_of(*record.cause, entry))) continue;
    if (all != nullptr && entry.turn > 0 && entry.turn <= turns) {
      all[entry.turn - 1] = &entry;
    } else if (end < most) {
      record.cleanups[end++] = &entry;
    } else {
      record.cleanups_cut = true;
    }
  }
  record.cleanup_count = std::remove(record.cleanups, record.cleanups + end, nullptr) - record.cleanups;
}

void collect_names(const Cause &cause, Record &record) {
  const size_t wanted = cause.end == End::main_return ? 0 : static_cast<size_t>(settings.backtrace);
  const size_t spare = 8;  // for frames of ours
  Frame *frames = static_cast<Frame *>(map_pages((wanted + spare) * sizeof(Frame)));
  if (frames == nullptr) return;
  const size_t found = wanted > 0 ? unwind_program(cause.context, frames, wanted + spare) : 0;
  record.names.look_up(frames, found < wanted ? found : wanted, record.cleanups, record.cleanup_count);
}

void collect_survivors(Record &record) {
  constexpr size_t kMost = 1024;
  auto *survivors = static_cast<Survivor *>(map_pages(2 * kMost * sizeof(Survivor)));
  if (survivors == nullptr) return;
  record.threads = survivors;
  record.thread_count = list_threads(survivors, kMost, record.tid);
  record.children = survivors + kMost;
  record.child_count = list_children(survivors + kMost, kMost);
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

// A parent's is not this process's to lose. What exec skips stays registered, since the exec may fail.
Result result_of(const Cause &cause, const Entry &entry) {
  const State state = entry.state;
  if (state >= State::ran) return {state, entry.reason, error_of(entry)};
  const bool own = registry::is_own(entry);
  if (state == State::registered && !own && settings.inherit) return {State::skipped, Reason::inherited};
  if (cause.end == End::exec && is_handler(entry)) {
    if (state == State::registered && own) return {State::skipped, Reason::exec};
    if (&entry == running_handler()) return {State::interrupted, Reason::none, "called exec"};
  }
  return {state};
}

std::string_view name_of(const Record &record, const Entry &entry, Text &buffer) {
  if (is_declared(entry)) return entry.declared->name;
  if (has_name(entry)) return entry.block->bytes;
  const Symbol *symbol = record.names.of_function(entry);
  if (symbol != nullptr && symbol->has_symbol) return symbol->name;
  buffer.resize(0);
  if (symbol != nullptr && symbol->module != nullptr) {
    const std::string_view path = symbol->module->path;
    buffer << path.substr(path.rfind('/') + 1) << '+';
  }
  return buffer.hex(symbol != nullptr ? symbol->offset : reinterpret_cast<uintptr_t>(function_of(entry))).view();
}

namespace {

// SIGPIPE ends a program whose reader wants no more: what it had left to say, and to do about that, is no
// loss.
bool ends_for_want_of_readers(const Cause &cause) {
  return cause.end == End::signal && cause.signal == SIGPIPE;
}

bool is_lost(const Entry &entry, const Result &result, const Cause &cause) {
  if (result.state == State::ran) return false;
  if (is_handler(entry) && ends_for_want_of_readers(cause)) return false;
  // One for forced ends alone was not due at an orderly one.
  return result.reason != Reason::policy || !is_orderly(cause.end);
}

void count(State state, Summary &summary) {
  ++summary.registered;
  switch (state) {
    case State::ran:
      ++summary.ran;
      return;
    case State::failed:
      ++summary.failed;
      return;
    case State::timed_out:
      ++summary.timed_out;
      return;
    case State::interrupted:
      ++summary.interrupted;
      return;
    default:
      ++summary.skipped;
  }
}

}  // namespace

void judge(Record &record) {
  const Cause &cause = *record.cause;
  const bool no_readers = ends_for_want_of_readers(cause);
  skip_what_came_late(cause);
  record.clean = cause.end != End::abort && (!has_signal(cause.end) || no_readers);
  for (size_t i = 0; i < registry::size(); ++i) {
    const Entry &entry = registry::at(i);
    const Result result = result_of(cause, entry);
    if (!is_listed(entry, result) || (!registry::is_own(entry) && result.state != State::interrupted))
      continue;
    count(result.state, record.summary);
    if (is_lost(entry, result, cause)) record.clean = false;
  }
  if (record.python.count > 0) record.clean = false;
  for (size_t i = 0; i < record.stream_count; ++i)
    if (record.streams[i].rescued < record.streams[i].bytes && !no_readers) record.clean = false;
}

void collect(Record &record) {
  const Cause &cause = *record.cause;

  record.time = read_clock(CLOCK_REALTIME);
  record.uptime_ns = monotonic_ns() - in_ns(process.started_monotonic);
  record.tid = cause.tid != 0 ? cause.tid : thread_id();
  record.hazards = hazards;
  collect_cleanups(record);
  if (process.quiet) return;

  utsname names;
  if (sys::call(SYS_uname, sys::arg(&names)) == 0) Text(record.host) << names.nodename;
  record.ppid = static_cast<int>(sys::call(SYS_getppid));
  record.uid = static_cast<int>(sys::call(SYS_getuid));
  sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/thread-self/exe"), sys::arg(record.exe),
            sizeof record.exe - 1);
  Text thread(record.thread_name), sender(record.sender_name);
  append_thread_name(thread, record.tid);
  if (has_sender(cause)) append_process_name(sender, cause.info.si_pid);
  collect_names(cause, record);
  collect_survivors(record);
  if (cause.end == End::exit && cause.called != nullptr && in_signal_handler(cause.context))
    record.hazards |= static_cast<unsigned>(Hazard::exit_in_signal_handler);
  collect_last_words(cause, record);
}

bool is_fault(const Cause &cause) {
  const siginfo_t &info = cause.info;
  return info.si_code > 0 && info.si_code != SI_KERNEL &&
         (info.si_signo == SIGSEGV || info.si_signo == SIGBUS || info.si_signo == SIGILL ||
          info.si_signo == SIGFPE || info.si_signo == SIGTRAP);
}

bool is_own_doing(const Cause &cause) {
  const siginfo_t &info = cause.info;
  if (info.si_code > 0) return is_fault(cause) || cause.signal == SIGSEGV || cause.signal == SIGSYS;
  return info.si_code != SI_TIMER && info.si_pid == process.pid;
}

bool has_sender(const Cause &cause) {
  return has_signal(cause.end) && cause.info.si_pid != process.pid && cause.info.si_pid > 0 &&
         (cause.info.si_code == SI_USER || cause.info.si_code == SI_TKILL || cause.info.si_code == SI_QUEUE);
}

}  // namespace axshim
