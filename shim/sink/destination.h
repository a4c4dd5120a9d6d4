// Where a record goes: AXSHIM_LOG, or stderr where that can't be had.
#pragma once

#include "record/record.h"

namespace axshim {

// Duplicates a log that is a descriptor, when the termination begins: programs close stderr in their exit
// handlers. Not before, or a pipe would stay open after a daemon closed its own. Signal-safe.
void keep_log_descriptor();
// Before a seccomp filter: whether that descriptor may be written can't be asked later. Not signal-safe.
void settle_log_descriptor();
// After an exec that failed, and in a fork child. Signal-safe.
void drop_log_descriptors();

// Judges the end, and if AXSHIM_REPORT wants a record, collects the facts and writes it; true if it was
// written. Signal-safe.
bool write_record(Record &);

// Says that the exec whose record was written last has failed. Signal-safe.
void write_exec_failed();

}  // namespace axshim
