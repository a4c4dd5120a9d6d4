// What `axshim run` was told.
#pragma once

#include <stdint.h>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace axshim::tool {

struct RunOptions {
  std::vector<std::string> command;  // PROG ARGS…
  int64_t wait_ns = 0;
  std::vector<std::string> cleanups;
  std::optional<std::string> log, format, report, graceful, rescue, directory, timeout;
  std::vector<std::string> fail_on;
  bool recover = false;
  bool no_adopt = false;

  bool fails_on(const std::string &what) const;
};

void add_run_options(CLI::App &run, RunOptions &);
// Cuts PROG and what follows off the arguments, which begin with `run`: they are not ours to read.
std::vector<std::string> take_command(const CLI::App &run, std::vector<std::string> &arguments);

}  // namespace axshim::tool
