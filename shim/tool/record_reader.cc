#include "tool/record_reader.h"

#include <simdjson.h>

#include "tool/lines.h"

namespace axshim::tool {

namespace ondemand = simdjson::ondemand;
static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

struct RecordReader::Parser : ondemand::parser {};

namespace {

void read_function(ondemand::value value, CleanupFacts &cleanup) {
  for (auto field : value.get_object()) {
    const ondemand::raw_json_string key = field.key();
    if (key == "module")
      cleanup.module = field.value().get_string();
    else if (key == "offset")
      cleanup.offset = field.value().get_string();
    else if (key == "build_id")
      cleanup.build_id = field.value().get_string();
  }
}

CleanupFacts read_cleanup(ondemand::object object) {
  CleanupFacts result;
  for (auto field : object) {
    const ondemand::raw_json_string key = field.key();
    if (key == "name")
      result.name = field.value().get_string();
    else if (key == "source")
      result.source = field.value().get_string();
    else if (key == "outcome")
      result.outcome = field.value().get_string();
    else if (key == "reason")
      result.reason = field.value().get_string();
    else if (key == "function")
      read_function(field.value(), result);
  }
  return result;
}

void read_termination(ondemand::object object, RecordFacts &facts) {
  for (auto field : object) {
    const ondemand::raw_json_string key = field.key();
    if (key == "kind")
      facts.kind = field.value().get_string();
    else if (key == "status")
      facts.status = field.value().get_int64();
    else if (key == "signal")
      facts.signal = field.value().get_string();
    else if (key == "graceful")
      facts.graceful = field.value().get_bool();
  }
}

// In any order: other programs write them anew.
bool read_fields(ondemand::object object, RecordFacts &facts) {
  int64_t version = 0;
  for (auto field : object) {
    const ondemand::raw_json_string key = field.key();
    if (key == "axshim") {
      version = field.value().get_int64();
    } else if (key == "event") {
      facts.exec_failed = std::string_view(field.value().get_string()) == "exec-failed";
    } else if (key == "pid") {
      facts.pid = field.value().get_int64();
    } else if (key == "exe") {
      facts.exe = field.value().get_string();
    } else if (key == "started") {
      facts.started = field.value().get_string();
    } else if (key == "clean") {
      facts.unclean = !field.value().get_bool().value();
    } else if (key == "truncated") {
      facts.truncated = field.value().get_bool();
    } else if (key == "termination") {
      read_termination(field.value().get_object(), facts);
    } else if (key == "cleanups") {
      for (auto cleanup : field.value().get_array())
        facts.cleanups.push_back(read_cleanup(cleanup.get_object()));
    }
  }
  return version == 1 && (facts.exec_failed || !facts.kind.empty());
}

}  // namespace

RecordReader::RecordReader() : parser_(new Parser) {}
RecordReader::~RecordReader() = default;

bool RecordReader::read(std::string_view line, RecordFacts &facts) {
  std::vector<CleanupFacts> cleanups = std::move(facts.cleanups);  // its memory serves again
  cleanups.clear();
  facts = {};
  facts.cleanups = std::move(cleanups);
  if (line.empty() || line[0] != '{') return false;
  try {
    ondemand::document document =
        parser_->iterate(simdjson::padded_string_view(line, line.size() + kPadding));
    return read_fields(document.get_object(), facts) &&
           document.current_location().error() == simdjson::OUT_OF_BOUNDS;  // nothing follows
  } catch (const simdjson::simdjson_error &) {
    return false;
  }
}

}  // namespace axshim::tool
