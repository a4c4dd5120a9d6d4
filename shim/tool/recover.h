// Does what processes that vanished had declared and could not do.
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <map>
#include <string>
#include <vector>

#include "tool/directory.h"

namespace axshim::tool {

// For each journal in the directory whose process is gone: its signal-safe declared cleanups, each once,
// whoever else recovers at the same time. Says what it did on stdout, and why it left a journal on stderr.
// With `dry_run` it only says what it would do. 0, or 1 where a cleanup failed or a journal was refused; 2
// where there is no such directory.
int recover(const std::string &directory, bool dry_run);
// The same of these journals alone in a directory that is open, saying it on `out`. Returns how many cleanups
// were recovered, by the name of the journal.
std::map<std::string, int64_t> recover(const Descriptor &, const std::string &path,
                                       const std::vector<std::string> &journals, FILE *out);

}  // namespace axshim::tool
