// The files that come with the command: beside it, or where `make install` puts them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace axshim::tool {

// Of the directories, which are relative to that of the command, the first that holds the file. Throws
// std::runtime_error.
std::filesystem::path find_companion(const std::string &name, const std::vector<std::string> &directories);

// Of this command. Throws std::filesystem::filesystem_error where nobody knows.
std::filesystem::path own_path();

}  // namespace axshim::tool
