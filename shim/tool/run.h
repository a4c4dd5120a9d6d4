// Runs a program under the preload, and tells how it and what it started ended.
#pragma once

#include "tool/run_options.h"

namespace axshim::tool {

// Ends as the program did, or returns: 2 where nothing could be set up, 126 or 127 where the program could
// not be started, 99 where something is so that --fail-on names it.
int run(const RunOptions &);

}  // namespace axshim::tool
