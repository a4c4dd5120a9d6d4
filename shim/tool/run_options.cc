#include "tool/run_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/duration.h"
#include "base/signals.h"
#include "cleanup/declared.h"

namespace axshim::tool {
namespace {

// A validator of CLI11's: what is wrong with the value, or nothing.
template <class Parse>
auto checked(Parse parse) {
  return [parse](const std::string &value) -> std::string {
    char buffer[512];
    Text why(buffer);
    return parse(value, why) ? "" : '\'' + value + "': " + why.c_str();
  };
}

bool is_duration(const std::string &value, Text &why) {
  int64_t nanoseconds;
  return parse_duration(value, nanoseconds, why);
}

bool is_graceful(const std::string &value, Text &why) {
  SignalSet set;
  return parse_graceful_signals(value, set, why);
}

bool is_entry(const std::string &value, Text &why) {
  std::string buffer(parse_buffer_size(value.size()), '\0');
  Declared declared;
  std::string_view entry, another;
  EntrySplitter entries(value);
  if (!entries.next(entry) || entries.next(another)) {
    why << "not one entry; allowed: " << (entry.empty() ? "ACTION:ARGUMENT" : "one for each --cleanup");
    return false;
  }
  return parse_entry(entry, buffer, declared, why);
}

}  // namespace

bool RunOptions::fails_on(const std::string &what) const {
  return std::find(fail_on.begin(), fail_on.end(), what) != fail_on.end();
}

void add_run_options(CLI::App &run, RunOptions &options) {
  run.add_option("--wait", "Wait so long for processes that it leaves behind")
      ->option_text("DURATION")
      ->check(checked(is_duration))
      ->each([&options](const std::string &value) {
        char unused[512];
        Text why(unused);
        parse_duration(value, options.wait_ns, why);
      });
  run.add_option("--cleanup", options.cleanups, "A cleanup to run, as in AXSHIM_CLEANUP; more than once")
      ->option_text("ENTRY")
      ->allow_extra_args(false)
      ->check(checked(is_entry));
  run.add_option("--log", options.log, "Where records go, as AXSHIM_LOG; else stderr, at the end");
  run.add_option("--format", options.format, "Of the records")->check(CLI::IsMember({"text", "json"}));
  run.add_option("--report", options.report, "Which ends have a record")
      ->check(CLI::IsMember({"unclean", "always", "never"}));
  run.add_option("--graceful", options.graceful, "Signals that become an orderly exit: TERM,INT")
      ->check(checked(is_graceful));
  run.add_option("--rescue", options.rescue, "forced: run exit handlers at _exit too")
      ->check(CLI::IsMember({"none", "forced"}));
  run.add_option("--dir", options.directory, "Keep journals there")->check(CLI::ExistingDirectory);
  run.add_option("--timeout", options.timeout, "For one cleanup")->check(checked(is_duration));
  run.add_flag("--no-adopt", options.no_adopt,
               "Leave daemons to init, not to axshim: for one that waits until its parent is 1 (it waits for "
               "ever otherwise)");
  run.add_flag("--recover", options.recover, "Do what processes that vanished had declared");
  run.add_option("--fail-on", options.fail_on, "End with status 99 if a cleanup was skipped, …")
      ->option_text("skipped,failed,unclean")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"skipped", "failed", "unclean"}));
  run.footer("PROG ARGS…: the program to run, after -- where its name begins with a dash.");
}

std::vector<std::string> take_command(const CLI::App &run, std::vector<std::string> &arguments) {
  auto next = arguments.begin() + 1;
  while (next != arguments.end() && next->starts_with('-') && *next != "--") {
    const CLI::Option *option = run.get_option_no_throw(*next++);
    const bool has_value = option != nullptr && option->get_items_expected_max() > 0;
    if (has_value && next != arguments.end()) ++next;
  }
  const auto begin = next != arguments.end() && *next == "--" ? next + 1 : next;
  std::vector<std::string> command(begin, arguments.end());
  arguments.erase(next, arguments.end());
  return command;
}

}  // namespace axshim::tool
