// Adds up what became of cleanups, over many processes.
#pragma once

#include <string>
#include <vector>

namespace axshim::tool {

// Reads records (JSON Lines) and journals, and what of both is in directories; without paths, and for "-",
// records from stdin. Tables go to stdout. 0, or 1 where something could not be read or written.
int report(const std::vector<std::string> &paths);

}  // namespace axshim::tool
