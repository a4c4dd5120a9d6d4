#pragma once

#include "base/text.h"
#include "record/record.h"

namespace axshim {

// The type of the C++ exception that made std::terminate call abort, demangled; nothing where the backtrace
// shows another way into abort. Only where abort was called: not signal-safe otherwise, as the exception's
// state is the program's libstdc++'s.
void append_ending_exception(const Record &, Text &out);

}  // namespace axshim
