// Programs under `axshim run`.
#pragma once

#include <stdlib.h>
#include <sys/types.h>

#include "preload/harness.h"

namespace axshim_test {

using Words = std::vector<std::string>;

class Run : public PreloadTest {
 protected:
  Run() { std::filesystem::create_directory(temporary()); }
  Path temporary() const { return file("tmp"); }

  // The arguments of `axshim run`.
  Command command(const Words &arguments) const {
    Command command{.argv = {AXSHIM_BUILD "/axshim", "run"}, .env = {{"TMPDIR", temporary()}}};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }
  Outcome run(const Words &arguments) { return bare(command(arguments)); }
};

inline pid_t child_of(pid_t pid) {
  const std::string task = std::to_string(pid);
  return atoi(read_file("/proc/" + task + "/task/" + task + "/children").c_str());
}

}  // namespace axshim_test
