// Journals where they lie, and whether they can be trusted.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "tool/journal_file.h"

namespace axshim::tool {

// Throws std::system_error where there is none, and std::runtime_error where others than its owner can write
// it, or a directory above it: a planted journal is a planted command.
Descriptor open_directory(const std::string &path);

// One that we have made ourselves: what is above it does not matter, for we look at it by its descriptor
// alone.
Descriptor open_own_directory(const std::string &path);

// The names of its journals, sorted; and of what is not one yet, and never will be if its maker is gone.
std::vector<std::string> list_journals(const Descriptor &directory);
std::vector<std::string> list_unfinished(const Descriptor &directory);

// Opened and locked against others that recover. Throws std::runtime_error, with a line that says why, for
// links, files of several links, of others, and such that somebody else has locked.
Descriptor open_journal(const Descriptor &directory, const std::string &name);

// For reading alone: without a lock, and whosesoever it is. Throws std::runtime_error.
JournalFile read_journal(int directory, const std::string &name);

enum class Life { lives, gone, unknown };
// Of the process that wrote it; `why` says what is not known.
Life life_of(const JournalHeader &, std::string &why);
// As far as the name tells; that of a finished one names no machine.
Life life_of_maker(const std::string &name, std::string &why);

// PID namespaces, by inode. One below ours that nobody is in any more stays deserted.
uint64_t own_pid_namespace();
bool is_deserted(uint64_t pid_namespace);

}  // namespace axshim::tool
