#include "base/duration.h"
#include "base/escape.h"
#include "base/signals.h"
#include "cleanup/registry.h"
#include "process.h"
#include "sink/render.h"

namespace axshim {
namespace {

constexpr std::string_view kLine = "axshim: ";
constexpr std::string_view kDetail = "axshim:   ";
constexpr size_t kOutcomeWidth = 9;  // "timed-out" is the longest but for "interrupted", which is rare
constexpr size_t kMostNameWidth = 40;
constexpr size_t kRoom = 256;  // for the rest of a line, and the line that says that lines are missing

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
  } else if (cause.called != nullptr) {
    out << "killed itself with " << signal_name(cause.signal) << " by " << cause.called;
  } else {
    out << "was ended by " << signal_name(cause.signal);
  }
  const char *code = code_name(cause.signal, cause.info.si_code);
  if (cause.info.si_code > 0 && code != nullptr) {
    out << " (" << code;
    if (cause.info.si_code != SI_KERNEL && cause.signal != SIGSYS) (out << " at ").hex(reinterpret_cast<uintptr_t>(cause.info.si_addr));
    out << ')';
  }
  put_sender(out, record);
}

void put_end(Text &out, const Record &record) {
  const Cause &cause = *record.cause;
  switch (cause.end) {
    case End::main_return: (out << "returned ").dec(cause.status) << " from main"; break;
    case End::exec:
      out << "was replaced by ";
      append_escaped(out, cause.path);
      break;
    case End::abort:
    case End::signal: put_signal(out, record); break;
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
    append_escaped(out, frame.symbol);
    (out << '+').hex(frame.plus);
    return;
  }
  const std::string_view module = frame.module;
  append_escaped(out, module.empty() ? "?" : module.substr(module.rfind('/') + 1));
  (out << '+').hex(frame.offset);
}

void put_backtrace(Text &out, const Record &record) {
  if (record.frame_count == 0) return;
  out << kDetail << (is_fatal_signal(record.cause->end) ? "at " : "by ");
  for (size_t i = 0; i < record.frame_count; ++i) {
    if (i > 0) out << " < ";
    put_frame(out, record.frames[i]);
  }
  out << '\n';
}

size_t name_width() {
  size_t width = 0;
  for (size_t i = 0; i < registry::size(); ++i) {
    const size_t size = registry::at(i).declared.name.size();
    if (is_listed(registry::at(i)) && size > width && size <= kMostNameWidth) width = size;
  }
  return width;
}

void put_cleanup(Text &out, const Entry &entry, size_t width) {
  const size_t line = out.size();
  const State state = entry.state;
  out << kDetail << (is_inherited(entry) ? "skipped" : outcome_name(state));
  const size_t name = line + kDetail.size() + kOutcomeWidth;
  out.pad_to(name);
  append_escaped(out, entry.declared.name);
  out.pad_to(name + width);
  out << "   env";
  if (state == State::skipped) out << "   " << reason_name(entry.reason);
  if (is_inherited(entry)) out << "   " << reason_name(Reason::inherited);
  if (entry.error != nullptr) {
    out << "   ";
    append_escaped(out, entry.error);
  }
  out << '\n';
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
  put_backtrace(out, record);
  const size_t width = name_width();
  for (size_t i = registry::size(); i-- > 0;) {
    const Entry &entry = registry::at(i);
    if (!is_listed(entry)) continue;
    if (out.size() + 4 * entry.declared.name.size() + kRoom > limit) {
      out << kDetail << "more cleanups are left out: the log takes no longer record\n";
      return;
    }
    put_cleanup(out, entry, width);
  }
}

}  // namespace axshim
