// How the command is spoken to.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace axshim::tool {

// Takes in what was said. The exit status where nothing is left to do: help or the version was asked for, or
// one line on stderr said what is wrong.
std::optional<int> parse(CLI::App &, std::vector<std::string> arguments);

}  // namespace axshim::tool
