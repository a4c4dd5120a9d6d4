#include <iterator>

#include "base/escape.h"
#include "base/signals.h"
#include "process.h"
#include "record/hazards.h"
#include "sink/render.h"

namespace axshim {
namespace {

constexpr size_t kClosing = 4096;  // room for what follows a list that was cut

bool is_plain(std::string_view text) {
  for (char c : text)
    if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') return false;
  return true;
}

class Json {
 public:
  explicit Json(Text &out) : out_(out) {}

  Json &key(std::string_view name) {
    separate();
    out_ << '"' << name << "\":";
    fresh_ = true;
    return *this;
  }
  void string(std::string_view value) {
    separate();
    if (is_plain(value)) {
      out_ << '"' << value << '"';
    } else {
      append_json_string(out_, value);
    }
  }
  void number(int64_t value) {
    separate();
    out_.dec(value);
  }
  void boolean(bool value) {
    separate();
    out_ << (value ? "true" : "false");
  }
  void hex(uint64_t value) {
    separate();
    (out_ << '"').hex(value) << '"';
  }
  void time(const timespec &value);
  size_t size() const { return out_.size(); }
  // After a key: the value that stands at `at`.
  void copy(size_t at, size_t size) {
    separate();
    out_ << out_.view().substr(at, size);
  }
  void take_back(size_t size) { out_.resize(size); }
  void open(char bracket) {
    separate();
    out_ << bracket;
    fresh_ = true;
  }
  void close(char bracket) {
    out_ << bracket;
    fresh_ = false;
  }

 private:
  void separate() {
    if (!fresh_) out_ << ',';
    fresh_ = false;
  }

  Text &out_;
  bool fresh_ = true;  // no comma before the next value
};

// Days since the epoch as a civil date: years that begin in March have their leap day at the end.
void append_date(Text &out, int64_t days) {
  const int64_t z = days + 719468;
  const int64_t era = z / 146097;
  const int64_t of_era = z - era * 146097;
  const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * of_year + 2) / 153;
  const int64_t day = of_year - (153 * march_month + 2) / 5 + 1;
  const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  (out.dec(year, 4) << '-').dec(month, 2) << '-';
  out.dec(day, 2);
}

void Json::time(const timespec &value) {
  separate();
  const int64_t seconds = value.tv_sec % 86400;
  out_ << '"';
  append_date(out_, value.tv_sec / 86400);
  (out_ << 'T').dec(seconds / 3600, 2) << ':';
  out_.dec(seconds / 60 % 60, 2) << ':';
  out_.dec(seconds % 60, 2) << '.';
  out_.dec(value.tv_nsec / 1000, 6) << "Z\"";
}

// A thousand handlers may share a function: it is written once, and then copied.
void put_frame(Json &json, const Symbol &frame) {
  if (frame.written_size > 0) return json.copy(frame.written_at, frame.written_size);
  json.open('{');
  frame.written_at = json.size() - 1;
  if (frame.module != nullptr) json.key("module").string(frame.module->path);
  json.key("offset").hex(frame.offset);
  if (frame.has_symbol) {
    json.key("symbol").string(frame.name);
    json.key("plus").hex(frame.plus);
  }
  if (frame.module != nullptr && frame.module->build_id[0] != '\0')
    json.key("build_id").string(frame.module->build_id);
  json.close('}');
  frame.written_size = json.size() - frame.written_at;
}

void put_signal(Json &json, const Record &record) {
  const Cause &cause = *record.cause;
  json.key("signal").string(signal_name(cause.signal));
  json.key("number").number(cause.signal);
  if (cause.info.si_signo == 0) return;  // the abort that a hook saw raises its signal later
  if (const char *code = code_name(cause.signal, cause.info.si_code)) json.key("code").string(code);
  if (is_fault(cause)) json.key("address").hex(reinterpret_cast<uintptr_t>(cause.info.si_addr));
  if (!has_sender(cause)) return;
  json.key("sender").open('{');
  json.key("pid").number(cause.info.si_pid);
  json.key("uid").number(cause.info.si_uid);
  if (record.sender_name[0] != '\0') json.key("name").string(record.sender_name);
  json.close('}');
}

void put_termination(Json &json, const Record &record, size_t limit) {
  const Cause &cause = *record.cause;
  json.key("termination").open('{');
  json.key("kind").string(end_name(cause.end));
  if (has_signal(cause.end)) {
    put_signal(json, record);
    if (cause.end == End::graceful_signal) json.key("graceful").boolean(true);
  } else if (cause.end == End::exec) {
    json.key("path").string(cause.path);
  } else if (cause.end != End::quick_exit || cause.called != nullptr) {
    json.key("status").number(cause.status);
  }
  if (record.message[0] != '\0') json.key("message").string(record.message);
  if (record.exception[0] != '\0') json.key("exception").string(record.exception);
  json.key("thread").open('{');
  json.key("tid").number(record.tid);
  if (record.thread_name[0] != '\0') json.key("name").string(record.thread_name);
  json.close('}');
  if (record.names.backtrace_size() > 0) {
    json.key("backtrace").open('[');
    for (size_t i = 0; i < record.names.backtrace_size() && json.size() < limit / 2; ++i)
      put_frame(json, record.names.backtrace()[i]);
    json.close(']');
  }
  json.close('}');
}

void put_summary(Json &json, const Summary &summary) {
  json.key("summary").open('{');
  json.key("registered").number(summary.registered);
  json.key("ran").number(summary.ran);
  json.key("failed").number(summary.failed);
  json.key("timed_out").number(summary.timed_out);
  json.key("interrupted").number(summary.interrupted);
  json.key("skipped").number(summary.skipped);
  json.close('}');
}

void put_python(Json &json, const PythonCallbacks &skipped) {
  if (skipped.count == 0) return;
  json.key("python").open('{');
  json.key("atexit_skipped").number(static_cast<int64_t>(skipped.count));
  json.key("callbacks").open('[');
  std::string_view names = skipped.names;
  for (size_t end; (end = names.find('\n')) != std::string_view::npos; names.remove_prefix(end + 1))
    json.string(names.substr(0, end));
  json.close(']');
  json.close('}');
}

void put_cleanup(Json &json, const Record &record, const Entry &entry) {
  const Result result = result_of(*record.cause, entry);
  char buffer[kMostNameSize];
  Text name(buffer);
  json.open('{');
  json.key("name").string(name_of(record, entry, name));
  json.key("source").string(source_name(entry.source));
  if (const Symbol *function = record.names.of_function(entry)) put_frame(json.key("function"), *function);
  if (const Symbol *caller = record.names.of_caller(entry)) put_frame(json.key("registered_by"), *caller);
  if (entry.source != Source::env) json.key("registered_ms").number(entry.registered_ms);
  json.key("outcome").string(outcome_name(result.state));
  if (result.state == State::skipped) json.key("reason").string(reason_name(result.reason));
  if (result.error != nullptr) json.key("error").string(result.error);
  if (has_duration(entry)) json.key("duration_us").number(entry.duration_ns / 1000);
  json.close('}');
}

void put_cleanups(Json &json, const Record &record, size_t limit) {
  json.key("cleanups").open('[');
  bool cut = record.cleanups_cut;
  for (size_t i = 0; i < record.cleanup_count && !cut; ++i) {
    const size_t before = json.size();
    put_cleanup(json, record, *record.cleanups[i]);
    cut = json.size() + kClosing > limit;
    if (cut) json.take_back(before);
  }
  json.close(']');
  if (cut) json.key("truncated").boolean(true);
}

void put_streams(Json &json, const Record &record) {
  if (record.stream_count == 0) return;
  json.key("unflushed").open('[');
  for (size_t i = 0; i < record.stream_count; ++i) {
    const UnflushedStream &stream = record.streams[i];
    json.open('{');
    if (stream.fd >= 0) json.key("fd").number(stream.fd);
    if (stream.target[0] != '\0') json.key("target").string(stream.target);
    json.key("bytes").number(static_cast<int64_t>(stream.bytes));
    json.key("rescued").number(static_cast<int64_t>(stream.rescued));
    if (stream.busy) json.key("busy").boolean(true);
    json.close('}');
  }
  json.close(']');
}

void put_survivors(Json &json, std::string_view key, std::string_view id, const Survivor *survivors,
                   size_t count, size_t limit) {
  if (count == 0 || json.size() + kClosing > limit) return;
  json.key(key).open('[');
  for (size_t i = 0; i < count && json.size() + kClosing < limit; ++i) {
    json.open('{');
    json.key(id).number(survivors[i].id);
    if (survivors[i].name[0] != '\0') json.key("name").string(survivors[i].name);
    json.close('}');
  }
  json.close(']');
}

void put_hazards(Json &json, unsigned hazards) {
  if (hazards == 0) return;
  json.key("hazards").open('[');
  for (size_t i = 0; i < std::size(kHazardNames); ++i)
    if ((hazards >> i & 1) != 0) json.string(kHazardNames[i]);
  json.close(']');
}

}  // namespace

void render_json(const Record &record, size_t limit, Text &out) {
  Json json(out);
  json.open('{');
  json.key("axshim").number(1);
  json.key("time").time(record.time);
  if (record.host[0] != '\0') json.key("host").string(record.host);
  json.key("pid").number(process.pid);
  if (record.uid >= 0) json.key("ppid").number(record.ppid);
  if (record.uid >= 0) json.key("uid").number(record.uid);
  if (record.exe[0] != '\0') json.key("exe").string(record.exe);
  const std::string_view exe = record.exe, program = process.program;
  if (exe.substr(exe.rfind('/') + 1) != program) json.key("program").string(program);
  json.key("started").time(process.started);
  json.key("uptime_ms").number(record.uptime_ns / 1'000'000);
  json.key("clean").boolean(record.clean);
  put_termination(json, record, limit);
  put_summary(json, record.summary);
  put_python(json, record.python);
  put_cleanups(json, record, limit);
  put_streams(json, record);
  put_survivors(json, "threads", "tid", record.threads, record.thread_count, limit);
  put_survivors(json, "children", "pid", record.children, record.child_count, limit);
  put_hazards(json, record.hazards);
  json.key("shim").string(AXSHIM_VERSION);
  json.close('}');
  out << '\n';
}

}  // namespace axshim
