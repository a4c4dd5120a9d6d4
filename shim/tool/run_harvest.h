// What the processes of a run left: the records in its log, and the journals of those that wrote none.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tool/directory.h"
#include "tool/record.h"
#include "tool/run_directory.h"
#include "tool/supervisor.h"

namespace axshim::tool {

struct Vanished {
  std::string journal_name;
  std::unique_ptr<JournalHeader> header;
  Record record;
};

struct Harvest {
  std::vector<Record> recorded;  // in the log of the run
  std::vector<Vanished> vanished;
  std::vector<Record> elsewhere;  // they wrote a record that we do not see
  std::vector<Survivor> alive;
  std::vector<Survivor> out_of_reach;  // they became programs that can't have loaded the library

  std::optional<Descriptor> log;  // where the records are
  Spool of_journals;

  // All of them.
  std::vector<const Record *> records() const;
};

// `old`: names of journals that were there before. `oom_kills`: how many there were meanwhile, if that is
// known.
Harvest harvest(const RunDirectory &, const Descriptor &journals, const std::set<std::string> &old,
                const Supervisor &, std::optional<int64_t> oom_kills);

}  // namespace axshim::tool
