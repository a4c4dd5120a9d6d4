// Finds programs as a shell does.
#pragma once

#include <stdexcept>
#include <string>

namespace axshim::tool {

// With the exit status of a shell: 127 where there is none, 126 where it may not be executed.
struct NoProgram : std::runtime_error {
  NoProgram(const std::string &what, int status) : std::runtime_error(what), status(status) {}
  int status;
};

// A path: the name itself where there is a slash in it, else the first in PATH. Throws NoProgram.
std::string find_program(const std::string &name);

}  // namespace axshim::tool
