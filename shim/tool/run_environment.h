// What PROG finds in its environment.
#pragma once

#include <string>
#include <vector>

#include "tool/run_options.h"

namespace axshim::tool {

// The preload, beside this command or in the library directory next to it. Throws std::runtime_error.
std::string find_library();

// What the options or, where they say nothing, the environment says: AXSHIM_<name>; empty if neither does.
std::string setting(const std::optional<std::string> &option, const char *name);

// Our own environment, the preload, and a variable for each option. `private_log`: where records are to be
// read by us; empty where the user said where they go.
std::vector<std::string> run_environment(const RunOptions &, const std::string &library,
                                         const std::string &private_log, const std::string &journals);

}  // namespace axshim::tool
