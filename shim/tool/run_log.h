// Where the user wants records: those of processes that vanished come from us.
#pragma once

#include <string>

#include "record/journal_layout.h"

namespace axshim::tool {

// Appends a record of that process to what AXSHIM_LOG may name. False where that is our stderr.
bool append_to_log(const std::string &log, const JournalHeader &process, const std::string &record);

// As the preload chooses it.
bool is_json(const std::string &format, const std::string &log);

}  // namespace axshim::tool
