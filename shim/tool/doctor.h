// Will the preload work on a program, and what will it see?
#pragma once

#include <string>

namespace axshim::tool {

// Says so on stdout, the verdict first, and what to do where it will not. 0: it works; 1: not. 127 or 126,
// with a line on stderr, where there is no such program or it may not be executed.
int doctor(const std::string &program);

// Why the preload can't enter a program: "it is static"; empty where it can, or where that is not known.
std::string obstacle_of(const std::string &program);

}  // namespace axshim::tool
