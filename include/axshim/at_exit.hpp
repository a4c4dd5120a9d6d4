// Part of axshim.hpp: cleanups that last until the process ends.
#pragma once

#include <pthread.h>

#include <memory>

#include "call.hpp"

namespace axshim {
namespace detail {

// One that waits, in the list of all that do.
class Cleanup {
 public:
  using Sameness = bool (*)(const void *, const void *);

  Cleanup() = default;
  Cleanup(const Cleanup &) = delete;
  Cleanup &operator=(const Cleanup &) = delete;
  virtual ~Cleanup() = default;
  // True if it calls that function, of the type that `same` compares.
  virtual bool calls(Sameness same, const void *function) const = 0;

  axshim_id id = 0;
  Cleanup *newer = nullptr, *older = nullptr;
};

template <class T, class = void>
struct IsComparable : std::false_type {};
template <class T>
struct IsComparable<
    T, std::void_t<decltype(static_cast<bool>(std::declval<const T &>() == std::declval<const T &>()))>>
    : std::true_type {};

// Stands for the type T too, where there is no RTTI.
template <class T>
bool are_same(const void *a, const void *b) {
  return static_cast<bool>(*static_cast<const T *>(a) == *static_cast<const T *>(b));
}

// For unregister(). Each library has its own, so that it can be unloaded, and no destructor takes it away
// from the cleanups that run last.
struct Waiting {
  pthread_mutex_t mutex;
  Cleanup *newest;
};
AXSHIM_HIDDEN_ inline Waiting waiting = {PTHREAD_MUTEX_INITIALIZER, nullptr};

AXSHIM_HIDDEN_ inline void lock_waiting() { pthread_mutex_lock(&waiting.mutex); }
AXSHIM_HIDDEN_ inline void unlock_waiting() { pthread_mutex_unlock(&waiting.mutex); }
// A fork child finds the list whole.
AXSHIM_HIDDEN_ inline const int waiting_across_fork =
    pthread_atfork(lock_waiting, unlock_waiting, unlock_waiting);

class AXSHIM_HIDDEN_ WaitingLocked {
 public:
  WaitingLocked() { lock_waiting(); }
  ~WaitingLocked() { unlock_waiting(); }
  WaitingLocked(const WaitingLocked &) = delete;
  WaitingLocked &operator=(const WaitingLocked &) = delete;

  void insert(Cleanup &cleanup) const {
    cleanup.older = waiting.newest;
    if (waiting.newest != nullptr) waiting.newest->newer = &cleanup;
    waiting.newest = &cleanup;
  }
  void remove(Cleanup &cleanup) const {
    (cleanup.newer != nullptr ? cleanup.newer->older : waiting.newest) = cleanup.older;
    if (cleanup.older != nullptr) cleanup.older->newer = cleanup.newer;
  }
};

template <class Function, class... Arguments>
class AXSHIM_HIDDEN_ Bound final : public Cleanup {
 public:
  explicit Bound(Call<Function, Arguments...> call) : call_(std::move(call)) {}
  Name name() const { return name_of(call_); }
  bool calls([[maybe_unused]] Sameness same, [[maybe_unused]] const void *function) const override {
    if constexpr (IsComparable<Function>::value)
      return same == are_same<Function> && same(&call_.function, function);
    else
      return false;
  }
  // What is registered: its symbol tells what is called.
  static void run(void *argument) {
    const auto run_and_delete = [argument] {
      const std::unique_ptr<Bound> cleanup(static_cast<Bound *>(argument));
      WaitingLocked().remove(*cleanup);
      cleanup->call_();
    };
    call_as_cleanup(run_and_delete);
  }

 private:
  Call<Function, Arguments...> call_;
};

template <class Function, class... Arguments>
auto make_bound(Call<Function, Arguments...> call) {
  return std::make_unique<Bound<Function, Arguments...>>(std::move(call));
}

// Whoever takes a cleanup off the registry deletes it: who unregisters it, or its own run().
template <class Kind>
AXSHIM_INLINE_ axshim_id add(Name name, std::unique_ptr<Kind> cleanup) {
  const WaitingLocked list;
  cleanup->id = axshim_register(name.name, Kind::run, cleanup.get(), name.flags);
  if (cleanup->id == 0) throw_errno("axshim_register");
  list.insert(*cleanup);
  return cleanup.release()->id;
}

// How many there were.
template <class Chosen>
AXSHIM_HIDDEN_ int forget(Chosen chosen) {
  Cleanup *forgotten = nullptr;
  {
    const WaitingLocked list;
    for (Cleanup *cleanup = waiting.newest, *next; cleanup != nullptr; cleanup = next) {
      next = cleanup->older;
      if (!chosen(*cleanup) || axshim_unregister(cleanup->id) != 0) continue;
      list.remove(*cleanup);
      cleanup->older = forgotten;
      forgotten = cleanup;
    }
  }
  int count = 0;
  for (; forgotten != nullptr; ++count) {  // outside the lock: arguments have destructors
    const std::unique_ptr<Cleanup> owned(forgotten);
    forgotten = owned->older;
  }
  return count;
}

template <class Function>
auto copy_or_true(const Function &function) {
  if constexpr (std::is_copy_constructible_v<std::decay_t<Function>>)
    return std::decay_t<Function>(function);
  else
    return true;
}

}  // namespace detail

// Calls fn(args...), bound by value, when the process ends. Returns fn; or true, where that cannot be copied.
template <class Function, class... Arguments>
AXSHIM_INLINE_ auto at_exit(Function &&fn, Arguments &&...args) {
  auto result = detail::copy_or_true(fn);
  auto cleanup =
      detail::make_bound(detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...));
  const detail::Name name = cleanup->name();
  detail::add(name, std::move(cleanup));
  return result;
}

// Forgets all that at_exit was given with this function (or anything that compares equal to it); how many
// there were.
template <class Function>
AXSHIM_HIDDEN_ int unregister(const Function &fn) {
  using Kept = std::decay_t<Function>;
  static_assert(detail::IsComparable<Kept>::value,
                "what has no == cannot be found again: keep a guard of it");
  const Kept wanted(fn);
  return detail::forget(
      [&](const detail::Cleanup &cleanup) { return cleanup.calls(detail::are_same<Kept>, &wanted); });
}

// Runs and forgets all cleanups of the process, newest first. Each exception is reported on stderr; the last
// one is thrown again when all have run. Returns how many failed without one.
AXSHIM_HIDDEN_ inline int run() {
  struct Wanted {
    std::exception_ptr last, *outer = std::exchange(detail::last_error, &last);
    ~Wanted() { detail::last_error = outer; }
  } wanted;
  const int failed = axshim_run();
  if (wanted.last) std::rethrow_exception(wanted.last);
  return failed;
}

// Forgets all, those of axshim.h too. Guards still do their work when their scope ends.
AXSHIM_HIDDEN_ inline void clear() {
  detail::forget([](const detail::Cleanup &) { return true; });
  axshim_clear();
}

AXSHIM_HIDDEN_ inline std::size_t count() { return axshim_count(); }

}  // namespace axshim
