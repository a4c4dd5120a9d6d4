// Where a record goes: AXSHIM_LOG, or stderr where that can't be had.
#pragma once

#include "cause/cause.h"

namespace axshim {

// Duplicates a log that is a descriptor, when the termination begins: programs close stderr in their exit
// handlers. Not before, or a pipe would stay open after a daemon closed its own. Signal-safe.
void keep_log_descriptor();
// In a fork child: the kept one is its parent's. Signal-safe.
void forget_log_descriptor();

// Collects the facts and writes the record if AXSHIM_REPORT wants it; true if it was written. Signal-safe.
bool write_record(const Cause &);

// Says that the exec whose record was written last has failed. Signal-safe.
void write_exec_failed();

}  // namespace axshim
