#include <iterator>

#include "base/duration.h"
#include "base/escape.h"
#include "base/signals.h"
#include "process.h"
#include "record/hazards.h"
#include "sink/render.h"

namespace axshim {
namespace {

constexpr std::string_view kLine = "axshim: ";
constexpr std::string_view kDetail = "axshim:   ";
constexpr size_t kLeastOutcomeWidth = 7;  // "skipped"; "timed-out" and "interrupted" are rare
constexpr size_t kMostNameWidth = 40;
constexpr size_t kRoom = 2048;  // for what follows the cleanups

void put_count(Text &out, int count, std::string_view what) {
  if (count > 0) (out << ", ").dec(count) << ' ' << what;
}

void put_sender(Text &out, const Record &record) {
  if (!has_sender(*record.cause)) return;
  out << " sent by ";
  append_escaped(out, record.sender_name[0] != '\0' ? record.sender_name : "process");
  (out << '[').dec(record.cause->info.si_pid) << "] of uid ";
  out.dec(record.cause->info.si_uid);
}

void put_signal(Text &out, const Record &record) {
  const Cause &cause = *record.cause;
  if (cause.end == End::abort) {
    out << "aborted";
  } else if (cause.end == End::graceful_signal) {
    out << "was ended gracefully by " << signal_name(cause.signal);
  } else if (cause.called != nullptr) {
    out << "killed itself with " << signal_name(cause.signal) << " by " << cause.called;
  } else {
    out << "was ended by " << signal_name(cause.signal);
  }
  const char *code = code_name(cause.signal, cause.info.si_code);
  if (cause.info.si_code > 0 && code != nullptr) {
    out << " (" << code;
    if (is_fault(cause)) (out << " at ").hex(reinterpret_cast<uintptr_t>(cause.info.si_addr));
    out << ')';
  }
  put_sender(out, record);
}

void put_end(Text &out, const Record &record) {
  const Cause &cause = *record.cause;
  switch (cause.end) {
    case End::main_return:
      (out << "returned ").dec(cause.status) << " from main";
      break;
    case End::exec:
      out << "was replaced by ";
      append_escaped(out, cause.path);
      break;
    case End::abort:
    case End::signal:
    case End::graceful_signal:
      put_signal(out, record);
      break;
    default:
      if (cause.called != nullptr) {
        const bool open = std::string_view(cause.called).find('(') != std::string_view::npos;
        (out << "called " << cause.called << (open ? ", " : "(")).dec(cause.status) << ')';
      } else {
        (out << "exited with ").dec(cause.status);
      }
  }
}

void put_frame(Text &out, const Symbol &frame) {
  if (frame.has_symbol) {
    append_escaped(out, frame.name);
    (out << '+').hex(frame.plus);
    return;
  }
  const std::string_view module = frame.module != nullptr ? frame.module->path : "?";
  append_escaped(out, module.substr(module.rfind('/') + 1));
  (out << '+').hex(frame.offset);
}

void put_backtrace(Text &out, const Record &record, size_t limit) {
  if (record.names.backtrace_size() == 0) return;
  out << kDetail << (has_signal(record.cause->end) ? "at " : "by ");
  for (size_t i = 0; i < record.names.backtrace_size() && out.size() < limit / 2; ++i) {
    if (i > 0) out << " < ";
    put_frame(out, record.names.backtrace()[i]);
  }
  out << '\n';
}

// Columns that a name takes as it is shown: escaped, and a character of several bytes is one.
size_t shown_width(std::string_view name) {
  struct Counter {
    size_t columns = 0;
    Counter &operator<<(char c) {
      columns += (c & 0xc0) != 0x80 ? 1 : 0;
      return *this;
    }
  } counter;
  append_escaped(counter, name);
  return counter.columns;
}

void put_spaces(Text &out, size_t from, size_t to) {
  for (; from < to; ++from) out << ' ';
}

struct Widths {
  size_t outcome = kLeastOutcomeWidth;
  size_t name = 0;
};

Widths column_widths(const Record &record) {
  Widths widths;
  char buffer[kMostNameSize];
  Text text(buffer);
  for (size_t i = 0; i < record.cleanup_count; ++i) {
    const Entry &entry = *record.cleanups[i];
    const size_t name = shown_width(name_of(record, entry, text));
    if (name > widths.name && name <= kMostNameWidth) widths.name = name;
    const std::string_view outcome = outcome_name(result_of(*record.cause, entry).state);
    if (outcome.size() > widths.outcome) widths.outcome = outcome.size();
  }
  return widths;
}

void put_cleanup(Text &out, const Record &record, const Entry &entry, const Widths &widths) {
  const Result result = result_of(*record.cause, entry);
  const std::string_view outcome = outcome_name(result.state);
  char buffer[kMostNameSize];
  Text text(buffer);
  const std::string_view name = name_of(record, entry, text);
  out << kDetail << outcome;
  put_spaces(out, outcome.size(), widths.outcome + 2);
  append_escaped(out, name);
  put_spaces(out, shown_width(name), widths.name);
  out << "   " << source_name(entry.source);
  if (const Symbol *caller = record.names.of_caller(entry)) put_frame(out << " by ", *caller);
  if (result.state == State::skipped) out << "   " << reason_name(result.reason);
  if (result.error != nullptr) {
    out << "   ";
    append_escaped(out, result.error);
  }
  out << '\n';
}

void put_cleanups(Text &out, const Record &record, size_t limit) {
  const Widths widths = column_widths(record);
  bool cut = record.cleanups_cut;
  for (size_t i = 0; i < record.cleanup_count && !cut; ++i) {
    const size_t before = out.size();
    put_cleanup(out, record, *record.cleanups[i], widths);
    cut = out.size() + kRoom > limit;
    if (cut) out.resize(before);
  }
  if (cut) out << kDetail << "more cleanups are left out: the log takes no longer record\n";
}

void put_python(Text &out, const PythonCallbacks &skipped) {
  if (skipped.count == 0) return;
  (out << kDetail << "skipped  ").dec(static_cast<int64_t>(skipped.count));
  out << (skipped.count == 1 ? " atexit callback" : " atexit callbacks") << " of Python";
  std::string_view separator = ": ", names = skipped.names;
  for (size_t end; (end = names.find('\n')) != std::string_view::npos; names.remove_prefix(end + 1)) {
    append_escaped(out << separator, names.substr(0, end));
    separator = ", ";
  }
  out << "   " << reason_name(Reason::forced_exit) << '\n';
}

// "pipe" of "pipe:[1234]"; a path as it is.
std::string_view kind_of(std::string_view target) {
  return target.starts_with('/') ? target : target.substr(0, target.find(':'));
}

void put_streams(Text &out, const Record &record) {
  for (size_t i = 0; i < record.stream_count; ++i) {
    const UnflushedStream &stream = record.streams[i];
    const bool rescued = stream.rescued > 0;
    (out << kDetail << (rescued ? "rescued " : "unflushed ")).dec(rescued ? stream.rescued : stream.bytes);
    if (rescued && stream.rescued < stream.bytes) (out << " of ").dec(stream.bytes);
    out << (stream.bytes == 1 ? " byte" : " bytes");
    if (stream.fd >= 0) (out << " on fd ").dec(stream.fd);
    if (stream.target[0] != '\0') {
      append_escaped(out << " (", kind_of(stream.target));
      out << ')';
    }
    out << (stream.busy ? ", in use by a thread\n" : "\n");
  }
}

void put_survivors(Text &out, std::string_view what, const Survivor *survivors, size_t count, size_t limit) {
  if (count == 0) return;
  out << kDetail << what;
  for (size_t i = 0; i < count; ++i) {
    if (out.size() + kRoom > limit) {
      out << " …";
      break;
    }
    append_escaped(out << ' ', survivors[i].name);
    (out << '[').dec(survivors[i].id) << ']';
  }
  out << '\n';
}

void put_hazards(Text &out, unsigned hazards) {
  for (size_t i = 0; i < std::size(kHazardNames); ++i)
    if ((hazards >> i & 1) != 0) out << kDetail << "hazard " << kHazardNames[i] << '\n';
}

}  // namespace

void render_text(const Record &record, size_t limit, Text &out) {
  const Summary &summary = record.summary;
  out << kLine;
  append_escaped(out, process.program);
  (out << '[').dec(process.pid) << "] ";
  put_end(out, record);
  append_uptime(out << " after ", record.uptime_ns);
  (out << ": ").dec(summary.registered) << (summary.registered == 1 ? " cleanup" : " cleanups");
  put_count(out, summary.ran, "ran");
  put_count(out, summary.failed, "failed");
  put_count(out, summary.timed_out, "timed out");
  put_count(out, summary.interrupted, "interrupted");
  put_count(out, summary.skipped, "skipped");
  out << '\n';
  if (record.exception[0] != '\0') {
    append_escaped(out << kDetail << "exception ", record.exception);
    out << '\n';
  }
  if (record.message[0] != '\0') {
    append_escaped(out << kDetail << "message ", record.message);
    out << '\n';
  }
  put_backtrace(out, record, limit);
  put_python(out, record.python);
  put_cleanups(out, record, limit);
  put_streams(out, record);
  put_survivors(out, "threads still running:", record.threads, record.thread_count, limit);
  put_survivors(out, "children still alive:", record.children, record.child_count, limit);
  put_hazards(out, record.hazards);
}

}  // namespace axshim
