#pragma once

#include "base/text.h"
#include "cause/cause.h"

namespace axshim {

// The type of the C++ exception that this thread has caught, demangled; nothing where there is none. Not
// signal-safe: its state is the program's libstdc++'s.
void append_current_exception(Text &out);

// The type of the C++ exception that made std::terminate call abort, demangled; nothing where the backtrace
// shows another way into abort. Not signal-safe, as above, but tried in a guarded() call when abort has
// already ended the program.
void append_ending_exception(const Cause &, Text &out);

}  // namespace axshim
