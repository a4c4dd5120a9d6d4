// Walks a stack: what called the function that ends the process, or what a fault interrupted. The only part
// that knows libunwind, and it is linked in static and hidden.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

// In assembler: stores the registers as its caller has them.
extern "C" [[gnu::visibility("hidden")]] int axshim_get_registers(void *registers);

namespace axshim {

struct Frame {
  uintptr_t pc;
  bool
      is_return_address;  // then the call is before pc, which may already belong to the next line or function
  bool is_signal_frame;   // the trampoline that a signal handler returns to; what comes next was interrupted
};

// The registers to start from.
struct Context {
  alignas(16) unsigned char registers[576];
  bool exact;  // pc is that of an instruction, not a return address
};

// The caller's own registers: the first frame is the caller. It must not return before unwind() is done.
// Signal-safe.
[[gnu::always_inline]] inline void capture(Context *context) {
  context->exact = false;
  axshim_get_registers(context->registers);
}

// The registers that a signal interrupted. Signal-safe.
Context context_of(const ucontext_t *interrupted);

// Fills `frames` from the innermost on and returns how many. A broken stack ends it early where a FaultGuard
// lives. One at a time in the process. Signal-safe.
size_t unwind(const Context &context, Frame *frames, size_t capacity);

}  // namespace axshim
