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

thread_local char *current = nullptr;  // the base of the one that this thread has

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
  const char *here = static_cast<char *>(__builtin_frame_address(0));
  if (current != nullptr && here > current && here < current + kPrivateStackSize - kAltstackSize)
    return function(argument);
  if (reserved != nullptr) return axshim_call_on_stack(reserved + kPrivateStackSize, function, argument);
  char *base = map_stack(kPrivateStackSize);
  if (base == nullptr) return function(argument);
  char *top = base + kPrivateStackSize - kAltstackSize;
  Call call = {function, argument, top};
  char *const outer = current;
  current = base;
  axshim_call_on_stack(top, with_altstack, &call);
  current = outer;
  unmap_pages(base, kPrivateStackSize);
}

}  // namespace axshim
