#include "cause/altstack.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <threads.h>

#include "base/export.h"
#include "base/pages.h"
#include "base/real.h"
#include "base/stacks.h"
#include "base/unwind_cleanup.h"
#include "cause/graceful.h"
#include "cause/onstack.h"
#include "cleanup/observed.h"
#include "process.h"

namespace axshim {
namespace {

thread_local char *own = nullptr;  // this thread's, if the shim gave it one

constexpr int kAutodisarm = 1 << 31;  // SS_AUTODISARM of the kernel's headers, which clash with libc's

stack_t as_stack(char *base) {
  stack_t stack = {};
  stack.ss_sp = base + kPage;
  stack.ss_size = kStackSize - kPage;
  return stack;
}

int change(const stack_t *stack, stack_t *old) {
  return static_cast<int>(sys::call(SYS_sigaltstack, sys::arg(stack), sys::arg(old)));
}

bool is_own(const stack_t &stack) { return own != nullptr && stack.ss_sp == own + kPage; }

// True if the kernel now uses `base`; the program's own stack wins.
bool install(char *base) {
  stack_t before = {};
  const stack_t ours = as_stack(base);
  if (base == nullptr || process.quiet || change(&ours, &before) != 0) return false;
  if ((before.ss_flags & SS_DISABLE) == 0) {
    change(&before, nullptr);
    return false;
  }
  own = base;
  return true;
}

void release(void *) {
  graceful::discount_thread();
  if (own == nullptr || process.quiet) return;
  stack_t current = {};
  const stack_t none = {.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  if (change(nullptr, &current) == 0 && is_own(current) && change(&none, nullptr) != 0) return;
  char *stack = own;
  own = nullptr;
  give_stack_back(stack);
}

// What a thread is to do, at the top of the stack that it will use for signals.
struct Start {
  void *(*routine)(void *) = nullptr;
  thrd_start_t c11_routine = nullptr;  // in its place
  void *argument;

  void *run() const {
    if (routine != nullptr) return routine(argument);
    return reinterpret_cast<void *>(static_cast<intptr_t>(c11_routine(argument)));
  }
};

Start *start_of(char *stack) { return reinterpret_cast<Start *>(stack + kStackSize) - 1; }

// Not noexcept, and without landing pads: cancellation unwinds through it.
void *run_thread(void *stack) {
  const Start start = *start_of(static_cast<char *>(stack));
  if (!install(static_cast<char *>(stack))) give_stack_back(static_cast<char *>(stack));
  const UnwindCleanup when_cancelled(release, nullptr);
  void *const result = start.run();
  release(nullptr);
  return result;
}

// Where a thread did not come, the room for that stack may be what it lacked: then once more, without one.
void no_thread_came(char *stack) {
  graceful::discount_thread();
  drop_stack(stack);
}

// The stack on which the new thread finds what it is to do; nullptr where libc does all of it.
char *before_thread() {
  ensure_loaded();
  note_if_in_cleanup(Hazard::thread_in_handler);
  graceful::start();
  char *stack = process.watched && !process.quiet ? take_stack() : nullptr;
  if (stack != nullptr) graceful::count_thread();
  return stack;
}

}  // namespace

void give_altstack_to_main_thread() {
  char *stack = map_stack(kStackSize);
  if (!install(stack)) unmap_pages(stack, kStackSize);
}

bool program_has_altstack_here() {
  stack_t current = {};
  return change(nullptr, &current) == 0 && (current.ss_flags & SS_DISABLE) == 0 && !is_own(current);
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *),
                   void *argument) noexcept {
  if (!real::pthread_create) return EAGAIN;  // an old libc without libpthread
  char *stack = before_thread();
  if (stack == nullptr) return real::pthread_create(thread, attributes, routine, argument);
  *start_of(stack) = {.routine = routine, .argument = argument};
  const int error = real::pthread_create(thread, attributes, run_thread, stack);
  if (error == 0) return 0;
  no_thread_came(stack);
  return error == EAGAIN ? real::pthread_create(thread, attributes, routine, argument) : error;
}

// libc's comes to a hidden pthread_create. thrd_join takes a result that was cast.
int thrd_create(thrd_t *thread, thrd_start_t routine, void *argument) {
  char *stack = before_thread();
  if (stack == nullptr) return real::thrd_create(thread, routine, argument);
  *start_of(stack) = {.c11_routine = routine, .argument = argument};
  if (real::pthread_create(thread, nullptr, run_thread, stack) == 0) return thrd_success;
  no_thread_came(stack);
  return real::thrd_create(thread, routine, argument);
}

// The program sees no alternate stack where it set none, and gets none of ours taken from it.
int sigaltstack(const stack_t *stack, stack_t *old) noexcept {
  ensure_loaded();
  const int result = change(stack, old);
  if (result != 0) {
    errno = -result;
    return -1;
  }
  const bool disables = stack != nullptr && (stack->ss_flags & ~kAutodisarm) == SS_DISABLE;
  if (stack != nullptr && !disables) onstack::program_has_altstack();
  if (old != nullptr && is_own(*old)) *old = {.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  if (own != nullptr && disables) {
    const stack_t ours = as_stack(own);
    change(&ours, nullptr);
  }
  return 0;
}

AXSHIM_EXPORTS_END
