#include "cleanup/observed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/export.h"
#include "base/fault_guard.h"
#include "base/objects.h"
#include "base/real.h"
#include "base/sys.h"
#include "cause/exits.h"
#include "cause/phase.h"
#include "cleanup/api.h"
#include "process.h"
#include "record/journal.h"
#include "settings.h"
#include "terminate.h"

namespace axshim {
namespace {

// libc hands the status on to all of them.
using Handler = void(void *, int);
using OnExitHandler = void(int, void *);

// A look at the clock costs more than all the rest. So only the first handlers are timed, where no record is
// in sight that would show it.
constexpr uint32_t kTimed = 64;

int register_quick(void (*function)(void *, int)) {
  void *address = reinterpret_cast<void *>(function);
  return libc::__cxa_at_quick_exit(reinterpret_cast<void (*)(void *)>(address), nullptr);
}

thread_local Entry *innermost = nullptr;
thread_local const char *innermost_frame = nullptr;  // of the function that called it
thread_local bool is_unloading = false;  // in dlclose: the handlers of one library run, and the process lives
thread_local int64_t returned_at = 0;    // the last handler, if the next one follows at once

bool is_timed(uint32_t turn) {
  return turn <= kTimed || settings.report == Report::always || registry::has_ours();
}

// One that leaves by an exception or longjmp stays `running`.
void run(Entry &entry, int status) {
  if (!is_unloading && !phase::orderly_has_begun()) phase::begin_orderly();
  int64_t start = 0;
  if (phase::orderly_has_begun()) {
    entry.turn = registry::take_turn();
    if (is_timed(entry.turn)) start = returned_at != 0 ? returned_at : monotonic_ns();
  }
  journal::note(entry, State::running);
  Entry *const outer = innermost;
  const char *const outer_frame = innermost_frame;
  innermost = &entry;
  innermost_frame = static_cast<const char *>(__builtin_frame_address(0));
  returned_at = 0;
  call_handler(entry, status);
  innermost = outer;
  innermost_frame = outer_frame;
  if (!phase::orderly_has_begun()) return registry::remove(entry);
  if (start != 0) returned_at = monotonic_ns();
  entry.duration_ns = start != 0 ? returned_at - start : -1;
  registry::settle(entry, State::ran);
}

// Runs those of `chosen` at or above `bottom`, newest first; what is registered meanwhile comes next. Returns
// the size of the registry of which that holds, or 0 where another thread is about to publish an entry.
template <class Chosen>
size_t run_from(size_t bottom, int status, Chosen chosen) {
  journal::ensure_own();
  bool all_published = true;
  const auto run_if_due = [&](size_t index) {
    Entry &entry = registry::at(index);
    const State state = entry.state.load(std::memory_order_acquire);
    if (state == State::free) all_published = false;
    if (state != State::registered || entry.source == Source::env || !chosen(entry)) return false;
    if (is_of_api(entry)) return registry::is_own(entry) && run_cleanups_of_api(index, bottom, status);
    if (!registry::take(entry)) return false;
    run(entry, status);
    return true;
  };
  size_t low = registry::size(), high = low;  // in between all are done
  for (size_t size; (size = registry::size()) != high || low > bottom;) {
    size_t i = size;
    while (i > high && !run_if_due(i - 1)) --i;
    if (i > high) continue;  // it may have registered another
    high = size;
    if (low > high) low = high;  // what dlclose ran is gone
    if (low > bottom) run_if_due(--low);
  }
  returned_at = 0;
  return all_published ? high : 0;
}

bool is_for_exit(const Entry &entry) { return entry.source != Source::at_quick_exit; }
bool is_for_quick_exit(const Entry &entry) { return entry.source == Source::at_quick_exit; }

// libc's list holds, in place of the handlers, a mark for each stretch of them that has nothing else in
// between (the destructors of libraries, handlers of the shim's). exit calls the mark, and it runs what was
// registered since the stretch began.
constinit std::atomic<size_t> stretch{0};
constinit std::atomic<bool> needs_mark{true};
constinit std::atomic<bool> needs_quick_mark{true};

// "At that size of the registry nothing was left to run from that index on", as one word: saves a look at a
// million handlers again for each library that is unloaded after them.
constinit std::atomic<uint64_t> done{0};

bool is_any_left(size_t bottom) {
  const uint64_t known = done.load();
  const size_t size = registry::size();
  return size > bottom && (known >> 32 != size || bottom < (known & UINT32_MAX));
}

// Runs what is left of a stretch. An entry that is claimed and never published (the thread that did so did
// not come along in a fork) is given up in the end, or exit would call us for ever.
void run_rest(size_t bottom, int status) {
  size_t size = 0, seen = 0;
  for (int attempt = 0; size == 0 && attempt < 1000; ++attempt) {
    if (attempt > 0) sys::call(SYS_sched_yield);
    seen = registry::size();
    size = run_from(bottom, status, is_for_exit);
  }
  done = uint64_t{size != 0 ? size : seen} << 32 | bottom;
}

// It stands in the list again while it is at work: a handler may call exit, and so may another thread. Who
// registers first looks whether a mark is needed after the entry is there, so we look for entries after it
// is.
void run_stretch(int status, void *first) {
  const size_t bottom = reinterpret_cast<size_t>(first);
  needs_mark = true;
  if (!is_any_left(bottom)) return;
  needs_mark = false;
  libc::on_exit(run_stretch, first);
  run_rest(bottom, status);
}

bool is_any_quick_left() {
  for (size_t i = registry::size(); i-- > 0;)
    if (is_for_quick_exit(registry::at(i)) && registry::at(i).state == State::registered) return true;
  return false;
}

void run_quick_stretch(void *, int status) {
  needs_quick_mark = true;
  if (!is_any_quick_left()) return;
  needs_quick_mark = false;
  register_quick(run_quick_stretch);
  run_from(0, status, is_for_quick_exit);
}

bool mark_for_quick_exit() {
  register_last_quick_handler();
  if (!needs_quick_mark) return true;
  if (register_quick(run_quick_stretch) != 0) return false;
  needs_quick_mark = false;
  return true;
}

bool is_observing() {
  ensure_loaded();
  return process.watched.load(std::memory_order_relaxed) || process.pid == 0;
}

// The handle asked for last, with the answer in the lowest bit: a handle is the address of a pointer.
constinit std::atomic<uintptr_t> last{0};

bool belongs_to_language(const void *dso) {
  const uintptr_t handle = reinterpret_cast<uintptr_t>(dso);
  const uintptr_t known = last.load(std::memory_order_relaxed);
  if ((known & ~uintptr_t{1}) == handle) return (known & 1) != 0;
  Object object;
  if (dso == nullptr || !find_object(handle, &object)) return false;
  std::string_view name = object.name;
  name = name.substr(name.rfind('/') + 1);
  const bool belongs = name.starts_with("libstdc++.so") || name.starts_with("libc++");
  last.store(handle | (belongs ? 1 : 0), std::memory_order_relaxed);
  return belongs;
}

// False where libc has to keep the handler itself.
bool keep(Source source, void *function, void *argument, const void *dso, const void *registered_by) {
  if (!is_observing()) return false;
  if (belongs_to_language(dso)) source = Source::language;
  Entry *entry = registry::add_handler(source, function, argument, dso, registered_by);
  if (entry != nullptr && (is_for_exit(*entry) ? mark_for_exit() : mark_for_quick_exit())) return true;
  if (entry != nullptr) registry::remove(*entry);
  begin_stretch();
  return false;
}

}  // namespace

bool mark_for_exit() {
  if (!needs_mark) return true;
  if (libc::on_exit(run_stretch, reinterpret_cast<void *>(stretch.load())) != 0) return false;
  needs_mark = false;
  return true;
}

void begin_stretch() {
  stretch = registry::size();
  registry::keep_below(stretch);
  needs_mark = true;
}

void note_orderly_end() {
  if (!is_mine()) return;
  drop_left_handler(__builtin_frame_address(0));
  is_unloading = false;
  Entry *left = innermost;
  if (left != nullptr && left->state == State::running) {
    left->error = "called exit";
    registry::settle(*left, State::interrupted);
  }
  phase::begin_orderly();
}

void drop_left_handler(const void *stack_pointer) {
  constexpr ptrdiff_t kMostStack = 64 << 20;  // further away it is another stack
  const ptrdiff_t above = static_cast<const char *>(stack_pointer) - innermost_frame;
  if (innermost == nullptr || above <= 0 || above > kMostStack) return;
  if (innermost->state == State::running) {
    innermost->error = "left by a jump";
    registry::settle(*innermost, State::interrupted);
  }
  innermost = nullptr;
}

void run_handlers_left(int status) {
  if (is_any_left(stretch)) run_rest(stretch, status);
}

Entry *running_handler() { return innermost; }

void call_handler(const Entry &handler, int status) {
  if (handler.source == Source::on_exit)
    reinterpret_cast<OnExitHandler *>(handler.function)(status, handler.argument);
  else
    reinterpret_cast<Handler *>(handler.function)(handler.argument, status);
}

void note_if_in_cleanup(Hazard hazard) {
  if ((innermost != nullptr && phase::orderly_has_begun()) || inside_guarded()) note(hazard);
}

// A handler that runs in the parent stays so here: nobody runs it again.
void forget_running_handler() {
  innermost = nullptr;
  is_unloading = false;
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

// What atexit and the constructors of static objects call. Who calls atexit is our caller: it jumps here.
int __cxa_atexit(void (*handler)(void *), void *argument, void *dso) noexcept {
  const Source source = argument == nullptr ? Source::atexit : Source::destructor;
  if (keep(source, reinterpret_cast<void *>(handler), argument, dso, __builtin_return_address(0))) return 0;
  return real::__cxa_atexit(handler, argument, dso);
}

int on_exit(OnExitHandler *handler, void *argument) noexcept {
  if (keep(Source::on_exit, reinterpret_cast<void *>(handler), argument, nullptr,
           __builtin_return_address(0)))
    return 0;
  return real::on_exit(handler, argument);
}

int __cxa_at_quick_exit(void (*handler)(void *), void *dso) noexcept {
  if (keep(Source::at_quick_exit, reinterpret_cast<void *>(handler), nullptr, dso,
           __builtin_return_address(0)))
    return 0;
  return real::__cxa_at_quick_exit(handler, dso);
}

// Each library calls it when it is unloaded, and at the process's end; the null pointer means all of them.
// Handlers of on_exit are nobody's; those of at_quick_exit are dropped.
void __cxa_finalize(void *dso) {
  const auto belongs = [dso](const Entry &entry) { return dso == nullptr || entry.dso == dso; };
  if (is_any_left(0)) {
    const bool outer = is_unloading;
    is_unloading = true;
    run_from(0, 0, [&](const Entry &entry) {
      return !is_of_api(entry) && is_for_exit(entry) && entry.source != Source::on_exit && belongs(entry);
    });
    for (size_t i = registry::size(); i-- > 0;) {
      Entry &entry = registry::at(i);
      if (is_for_quick_exit(entry) && entry.state == State::registered && belongs(entry))
        registry::remove(entry);
    }
    if (dso != nullptr && !phase::orderly_has_begun()) run_cleanups_of_library(dso);
    is_unloading = outer;
  }
  last = 0;  // another library may be loaded at its place
  real::__cxa_finalize(dso);
  if (dso != nullptr) return;
  needs_quick_mark = true;
  forget_last_quick_handler();
}

AXSHIM_EXPORTS_END
