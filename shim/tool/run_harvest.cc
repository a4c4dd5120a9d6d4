#include "tool/run_harvest.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <stdexcept>

#include "tool/journal_record.h"

namespace axshim::tool {
namespace {

using Journals = std::vector<Vanished>;

// Of a PID namespace that the run itself has made, so it is below ours.
bool is_of_deserted(const JournalHeader &header) {
  return header.pid_namespace != own_pid_namespace() && is_deserted(header.pid_namespace);
}

// JournalFile is a descriptor and buffers: there may be thousands.
void read_header(int directory, const std::string &name, JournalHeader &copy) {
  const JournalFile journal = read_journal(directory, name);
  memcpy(static_cast<void *>(&copy), static_cast<const void *>(&journal.header()), sizeof copy);
}

// Those of processes that are gone; the others go to `alive`.
Journals read_journals(const Descriptor &directory, const std::set<std::string> &old, bool are_own,
                       std::vector<Survivor> &alive) {
  Journals gone;
  for (const std::string &name : list_journals(directory)) {
    if (old.contains(name)) continue;
    try {
      auto copy = std::make_unique<JournalHeader>();
      read_header(directory.get(), name, *copy);
      const JournalHeader &header = *copy;
      std::string why;
      Life life = life_of(header, why);
      if (life == Life::unknown && are_own && is_of_deserted(header)) life = Life::gone;
      if (life == Life::lives) alive.push_back({header.program, header.pid});
      if (life == Life::gone) gone.push_back({name, std::move(copy), {}});
    } catch (const std::exception &) {  // it went away, or is none
    }
  }
  return gone;
}

bool has_record(const std::vector<Record> &records, int64_t pid) {
  return std::any_of(records.begin(), records.end(),
                     [pid](const Record &record) { return record.pid == pid && record.kind != "exec"; });
}

std::optional<int> status_of(const Supervisor &supervisor, int64_t pid) {
  const auto found = supervisor.ended().find(static_cast<pid_t>(pid));
  if (found == supervisor.ended().end()) return std::nullopt;
  return found->second.status;
}

std::optional<int> status_of(const Supervisor &supervisor, const JournalHeader &header) {
  if (header.pid_namespace != own_pid_namespace()) return std::nullopt;  // there it has another pid
  const auto found = supervisor.ended().find(header.pid);
  const bool is_same = found != supervisor.ended().end() && found->second.start_ticks == header.start_ticks;
  return is_same ? std::optional(found->second.status) : std::nullopt;
}

// Its parent alone is told.
void add_core_flags(std::vector<Record> &records, const Supervisor &supervisor) {
  for (Record &record : records) {
    const std::optional<int> status = status_of(supervisor, record.pid);
    const bool by_signal = record.kind == "signal" || record.kind == "abort";
    if (status && by_signal && WCOREDUMP(*status)) record.core = true;
  }
}

// The OOM killer's are known if it killed as many as may be its.
bool may_be_oom(const std::optional<int> &status) {
  return !status || (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL);
}

}  // namespace

std::vector<const Record *> Harvest::records() const {
  std::vector<const Record *> all;
  for (const Record &record : recorded) all.push_back(&record);
  for (const Vanished &one : vanished) all.push_back(&one.record);
  for (const Record &record : elsewhere) all.push_back(&record);
  return all;
}

Harvest harvest(const RunDirectory &directory, const Descriptor &journals, const std::set<std::string> &old,
                const Supervisor &supervisor, std::optional<int64_t> oom_kills) {
  Harvest result;
  Journals gone = read_journals(journals, old, directory.has_own_journals(), result.alive);
  if (!directory.log().empty()) {
    result.log.emplace(open(directory.log().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status = {};
    if (fstat(result.log->get(), &status) == 0)
      result.recorded = read_records({result.log->get(), 0, static_cast<uint64_t>(status.st_size)});
  }
  add_core_flags(result.recorded, supervisor);

  const int64_t candidates = std::count_if(gone.begin(), gone.end(), [&](const Vanished &one) {
    return is_vanished(*one.header) && may_be_oom(status_of(supervisor, *one.header));
  });
  Names names;
  for (Vanished &one : gone) {
    const JournalHeader &header = *one.header;
    if (header.end == JournalEnd::exec) {
      if (header.out_of_reach != 0 && !has_record(result.recorded, header.pid))
        result.out_of_reach.push_back({header.program, header.pid});
      continue;
    }
    if (!is_vanished(header) && has_record(result.recorded, header.pid)) continue;
    const std::optional<int> status = status_of(supervisor, header);
    const bool oom = oom_kills && *oom_kills >= candidates && *oom_kills > 0 && may_be_oom(status);
    std::optional<Record> record;
    try {
      const uint64_t begin = result.of_journals.size();
      append_journal_record(read_journal(journals.get(), one.journal_name), {status, oom}, names,
                            result.of_journals);
      record = read_record(result.of_journals.since(begin));
    } catch (const std::runtime_error &) {  // it is damaged behind its header
    }
    if (!record) continue;
    if (is_vanished(header)) {
      one.record = std::move(*record);
      result.vanished.push_back(std::move(one));
    } else {
      result.elsewhere.push_back(std::move(*record));
    }
  }
  return result;
}

}  // namespace axshim::tool
