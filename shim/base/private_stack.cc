#include "base/private_stack.h"

#include <signal.h>

#include "base/pages.h"

extern "C" void axshim_call_on_stack(void *top, void (*function)(void *), void *argument);

#if defined(__x86_64__)
asm(R"(
  .pushsection .text
  .hidden axshim_call_on_stack
  .globl axshim_call_on_stack
  .type axshim_call_on_stack, @function
axshim_call_on_stack:
  .cfi_startproc
  .cfi_undefined rip
  push %rbp
  mov %rsp, %rbp
  mov %rdi, %rsp
  mov %rdx, %rdi
  call *%rsi
  mov %rbp, %rsp
  pop %rbp
  ret
  .cfi_endproc
  .size axshim_call_on_stack, . - axshim_call_on_stack
  .popsection
)");
#elif defined(__aarch64__)
asm(R"(
  .pushsection .text
  .hidden axshim_call_on_stack
  .globl axshim_call_on_stack
  .type axshim_call_on_stack, %function
axshim_call_on_stack:
  .cfi_startproc
  .cfi_undefined x30
  stp x29, x30, [sp, #-16]!
  mov x29, sp
  mov sp, x0
  mov x0, x2
  blr x1
  mov sp, x29
  ldp x29, x30, [sp], #16
  ret
  .cfi_endproc
  .size axshim_call_on_stack, . - axshim_call_on_stack
  .popsection
)");
#endif

namespace axshim {
namespace {

constexpr size_t kAltstackSize = 128 * 1024;

// The one that this thread is on.
thread_local const char *current_base = nullptr;
thread_local const char *current_top = nullptr;

bool is_on_it() {
  const char *here = static_cast<const char *>(__builtin_frame_address(0));
  return here > current_base && here < current_top;
}

void call_on(char *base, char *top, void (*function)(void *), void *argument) {
  const char *const outer_base = current_base, *const outer_top = current_top;
  current_base = base;
  current_top = top;
  axshim_call_on_stack(top, function, argument);
  current_base = outer_base;
  current_top = outer_top;
}

struct Call {
  void (*function)(void *);
  void *argument;
  char *altstack;
};

void with_altstack(void *argument) {
  const Call &call = *static_cast<Call *>(argument);
  stack_t before = {};
  const stack_t ours = {.ss_sp = call.altstack, .ss_flags = 0, .ss_size = kAltstackSize};
  const long result = sys::call(SYS_sigaltstack, sys::arg(&ours), sys::arg(&before));
  call.function(call.argument);
  before.ss_flags &= ~SS_ONSTACK;
  if (result == 0) sys::call(SYS_sigaltstack, sys::arg(&before), 0);
}

}  // namespace

void on_private_stack(void (*function)(void *), void *argument, char *reserved) {
  if (is_on_it()) return function(argument);
  if (reserved != nullptr) return call_on(reserved, reserved + kPrivateStackSize, function, argument);
  char *base = map_stack(kPrivateStackSize);
  if (base == nullptr) return function(argument);
  char *top = base + kPrivateStackSize - kAltstackSize;
  Call call = {function, argument, top};
  call_on(base, top, with_altstack, &call);
  unmap_pages(base, kPrivateStackSize);
}

}  // namespace axshim
