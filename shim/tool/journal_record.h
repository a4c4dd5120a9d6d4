// The record of a process that could not write it, made of its journal and of what its parent was told.
#pragma once

#include <optional>
#include <string>

#include "tool/extent.h"
#include "tool/journal_file.h"
#include "tool/names.h"

namespace axshim::tool {

// Of a process that is gone.
struct Fate {
  std::optional<int> wait_status;  // where somebody waited for it
  bool oom = false;                // the OOM killer had it
};

// True if there is no record of its end, and no other image took its place.
bool is_vanished(const JournalHeader &);

// Appends one line of JSON: kind `vanished`, or `raw-exit` where it left by itself with a status that is
// known. Of one that has written its record: what the journal still tells of it.
void append_journal_record(const JournalFile &, const Fate &, Names &, Spool &out);

}  // namespace axshim::tool
