#include "base/private_stack.h"

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

void on_private_stack(void (*function)(void *), void *argument, char *reserved) {
  char *base = reserved != nullptr ? reserved : map_stack(kPrivateStackSize);
  if (base == nullptr) return function(argument);
  axshim_call_on_stack(base + kPrivateStackSize, function, argument);
  if (reserved == nullptr) unmap_pages(base, kPrivateStackSize);
}

}  // namespace axshim
