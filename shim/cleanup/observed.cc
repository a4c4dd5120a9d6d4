#include "cleanup/observed.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/export.h"
#include "base/fault_guard.h"
#include "base/objects.h"
#include "base/real.h"
#include "cause/exits.h"
#include "process.h"
#include "settings.h"

namespace axshim {
namespace {

using Handler = void(void *);
using OnExitHandler = void(int, void *);

// A look at the clock costs as much as the rest. So only the first ones are timed, where no record is in
// sight that would show it.
constexpr uint32_t kTimed = 64;

constinit std::atomic<bool> end_has_begun{false};
constinit std::atomic<bool> went_wrong{false};
// Above the newest handler of at_quick_exit that is registered still.
constinit std::atomic<size_t> quick_top{0};

thread_local Entry *innermost = nullptr;
thread_local bool is_unloading = false;  // in dlclose: the handlers of one library run, and the process lives

bool is_record_in_sight() { return settings.report == Report::always || registry::has_declared(); }

bool is_observing() {
  ensure_loaded();
  return process.watched.load(std::memory_order_relaxed) || process.pid == 0;
}

// The C++ library's own, in every C++ program: they give memory back, nothing is lost with them.
bool belongs_to_language(const void *dso) {
  // The one asked for last, with the answer in the lowest bit: a handle is the address of a pointer.
  static constinit std::atomic<uintptr_t> last{0};
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

Entry *observe(Source source, void *function, void *argument, const void *dso,
               const void *registered_by) {
  if (!is_observing() || belongs_to_language(dso)) return nullptr;
  return registry::add_handler(source, function, argument, registered_by);
}

// No destructor does what `returned` does: a handler that leaves by an exception or longjmp did not return.
class Watched {
 public:
  explicit Watched(Entry &entry) : entry_(entry), outer_(innermost), argument_(entry.argument) {
    if (!is_unloading) end_has_begun.store(true, std::memory_order_relaxed);
    if (end_has_begun.load(std::memory_order_relaxed)) {
      entry.turn = registry::take_turn();
      if (entry.turn <= kTimed || is_record_in_sight()) start_ = monotonic_ns();
    }
    innermost = &entry;
    entry.state.store(State::running, std::memory_order_release);
  }
  void *argument() const { return argument_; }
  void returned() {
    innermost = outer_;
    if (!end_has_begun.load(std::memory_order_relaxed)) return registry::remove(entry_);
    entry_.duration_ns = start_ != 0 ? monotonic_ns() - start_ : -1;
    entry_.state.store(State::ran, std::memory_order_release);
  }

 private:
  Entry &entry_;
  Entry *outer_;
  void *argument_;
  int64_t start_ = 0;
};

void run_handler(void *pointer) {
  Entry &entry = *static_cast<Entry *>(pointer);
  Watched watched(entry);
  reinterpret_cast<Handler *>(entry.function)(watched.argument());
  watched.returned();
}

void run_on_exit_handler(int status, void *pointer) {
  Entry &entry = *static_cast<Entry *>(pointer);
  Watched watched(entry);
  reinterpret_cast<OnExitHandler *>(entry.function)(status, watched.argument());
  watched.returned();
}

bool is_quick(const Entry &entry) {
  return entry.source == Source::at_quick_exit && entry.state == State::registered;
}

// libc hands no argument on to these: the newest is the one that it means.
void run_quick_handler(void *) {
  for (size_t i = quick_top; i-- > 0;) {
    Entry &entry = registry::at(i);
    if (!is_quick(entry)) continue;
    quick_top = i;
    Watched watched(entry);
    reinterpret_cast<Handler *>(entry.function)(nullptr);
    return watched.returned();
  }
}

// dlclose drops them unrun.
void forget_quick_handlers_of(const void *dso) {
  for (size_t i = quick_top; i-- > 0;) {
    Entry &entry = registry::at(i);
    if (is_quick(entry) && entry.argument == dso) registry::remove(entry);
  }
}

}  // namespace

void note_orderly_end() {
  if (!is_mine()) return;
  Entry *left = innermost;
  if (left != nullptr && left->state == State::running) {
    left->error = "called exit";
    left->state = State::interrupted;
  }
  if (end_has_begun.exchange(true)) went_wrong = true;
}

bool orderly_end_has_begun() { return end_has_begun; }

Entry *running_handler() { return innermost; }

bool orderly_end_went_wrong() { return went_wrong; }

void call_handler(const Entry &handler, int status) {
  void *argument = handler.source == Source::at_quick_exit ? nullptr : handler.argument;
  if (handler.source == Source::on_exit)
    reinterpret_cast<OnExitHandler *>(handler.function)(status, argument);
  else
    reinterpret_cast<Handler *>(handler.function)(argument);
}

void note_if_in_cleanup(Hazard hazard) {
  if ((innermost != nullptr && end_has_begun) || inside_guarded()) note(hazard);
}

void forget_orderly_end() {
  if (end_has_begun.exchange(false)) {
    for (size_t i = registry::size(); i-- > 0;) {
      State running = State::running;  // in the parent
      registry::at(i).state.compare_exchange_strong(running, State::registered);
    }
  }
  innermost = nullptr;
  went_wrong = false;
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

// What atexit and the constructors of static objects call. Who calls atexit is our caller: it jumps here.
int __cxa_atexit(Handler *handler, void *argument, void *dso) noexcept {
  const Source source = argument == nullptr ? Source::atexit : Source::destructor;
  Entry *entry =
      observe(source, reinterpret_cast<void *>(handler), argument, dso, __builtin_return_address(0));
  if (entry == nullptr) return real::__cxa_atexit(handler, argument, dso);
  const int result = real::__cxa_atexit(run_handler, entry, dso);
  if (result != 0) registry::remove(*entry);
  return result;
}

int on_exit(OnExitHandler *handler, void *argument) noexcept {
  Entry *entry =
      observe(Source::on_exit, reinterpret_cast<void *>(handler), argument, nullptr, __builtin_return_address(0));
  if (entry == nullptr) return real::on_exit(handler, argument);
  const int result = real::on_exit(run_on_exit_handler, entry);
  if (result != 0) registry::remove(*entry);
  return result;
}

int __cxa_at_quick_exit(Handler *handler, void *dso) noexcept {
  Entry *entry =
      observe(Source::at_quick_exit, reinterpret_cast<void *>(handler), dso, dso, __builtin_return_address(0));
  if (entry == nullptr) return real::__cxa_at_quick_exit(handler, dso);
  register_last_quick_handler();
  quick_top = registry::size();
  const int result = real::__cxa_at_quick_exit(run_quick_handler, dso);
  if (result != 0) registry::remove(*entry);
  return result;
}

// Each library calls it when it is unloaded, and at the process's end.
void __cxa_finalize(void *dso) {
  const bool outer = is_unloading;
  is_unloading = dso != nullptr;
  real::__cxa_finalize(dso);
  is_unloading = outer;
  if (dso != nullptr) forget_quick_handlers_of(dso);
}

AXSHIM_EXPORTS_END
