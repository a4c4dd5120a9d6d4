// Which programs ended, and how: one line for each program and way to end.
#pragma once

#include <string>
#include <vector>

#include "tool/record.h"

namespace axshim::tool {

// Of a process of which there is a wait status alone: its kind stays empty, its cleanups are not known.
Record record_of_status(const std::string &program, int pid, int wait_status);

std::string ended_table(const std::vector<const Record *> &);

}  // namespace axshim::tool
