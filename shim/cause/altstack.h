// An alternate signal stack in every thread: a stack overflow leaves no room to report it on.
#pragma once

namespace axshim {

void give_altstack_to_main_thread();

// True if this thread has one that is not the shim's. Signal-safe.
bool program_has_altstack_here();

}  // namespace axshim
