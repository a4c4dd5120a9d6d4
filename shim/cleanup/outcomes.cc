#include "cleanup/outcomes.h"

#include <atomic>

#include "base/clock.h"
#include "base/sys.h"
#include "cause/cause.h"
#include "cleanup/observed.h"
#include "cleanup/runner.h"
#include "process.h"
#include "record/record.h"
#include "settings.h"

namespace axshim {
namespace {

std::atomic<int64_t> deadline{0};  // of all cleanups together, once the first may run; 0: not yet
std::atomic<bool> after_failure{false};

int64_t budget_of(const Cause &cause) {
  if (settings.budget_ns >= 0) return settings.budget_ns;
  constexpr uint64_t kFaults = sys::fault_signals() | sys::signal_bit(SIGSYS);
  const bool fault =
      cause.end == End::signal && cause.info.si_code > 0 && (kFaults & sys::signal_bit(cause.signal)) != 0;
  return fault || cause.end == End::abort ? 2'000'000'000 : kDefaultBudget;
}

// Another end may take it back at any time, to begin its own.
int64_t deadline_by(int64_t budget) {
  int64_t now = deadline;
  const int64_t first = now == 0 ? monotonic_ns() + budget : 0;
  return now == 0 && deadline.compare_exchange_strong(now, first) ? first : now;
}

// The end is the doing of the handler that this thread is in.
bool is_handlers_doing(const Cause &cause, bool in_signal_handler) {
  if (running_handler() == nullptr || is_orderly(cause.end)) return false;
  return cause.end == End::signal ? is_own_doing(cause) : !in_signal_handler;
}

const char *what_it_called(End end) {
  switch (end) {
    case End::immediate_exit:
      return "called _exit";
    case End::quick_exit:
      return "called quick_exit";
    case End::abort:
      return "called abort";
    default:
      return nullptr;
  }
}

// What was running when the process ended, and was not stopped by us.
void interrupt(Entry &entry, const Cause &cause, bool by_itself) {
  entry.error = by_itself && &entry == running_handler() ? what_it_called(cause.end) : nullptr;
  if (entry.turn == 0) entry.turn = registry::take_turn();
  registry::settle(entry, State::interrupted);
}

Traits traits_of(const Entry &entry) {
  if (is_declared(entry))
    return {.signal_safe = is_signal_safe(entry),
            .orderly_only = entry.declared->when == Declared::When::orderly,
            .forced_only = entry.declared->when == Declared::When::forced,
            .inherited_by_exec = entry.source == Source::env};
  if (entry.source == Source::api)
    return {.signal_safe = is_signal_safe(entry),
            .orderly_only = (entry.flags & AXSHIM_ORDERLY_ONLY) != 0,
            .forced_only = (entry.flags & AXSHIM_FORCED_ONLY) != 0};
  return {.observed = true, .quick = entry.source == Source::at_quick_exit};
}

Situation situation_of(const Cause &cause) {
  Situation now = {.end = cause.end,
                   .in_signal_handler = cause.end == End::immediate_exit && in_signal_handler(cause.context),
                   .rescue = settings.rescue,
                   .out_of_time = cause.out_of_time,
                   .after_failure = after_failure,
                   .quiet = process.quiet,
                   .survives_exec = cause.cleanups_survive};
  now.handler_exited = is_handlers_doing(cause, now.in_signal_handler);
  return now;
}

void skip(Entry &entry, Reason reason) {
  if (!registry::take(entry)) return;
  entry.reason = reason;
  entry.turn = registry::take_turn();
  registry::settle(entry, State::skipped);
}

int64_t time_limit_of(const Entry &entry) {
  const bool has_own_limit = is_declared(entry) && entry.declared->timeout_ns >= 0;
  return has_own_limit ? entry.declared->timeout_ns : settings.timeout_ns;
}

}  // namespace

Choice all(const Entry &) { return Choice::take; }

Choice declared_ordinary(const Entry &entry) {
  return entry.source == Source::env && !is_signal_safe(entry) ? Choice::take : Choice::pass;
}

// One order: libc runs a handler of the program's before what was registered earlier.
Choice of_api_up_to_a_handler(const Entry &entry) {
  if (is_of_api(entry)) return Choice::take;
  const bool is_due = entry.state == State::registered && entry.source != Source::env &&
                      entry.source != Source::at_quick_exit;
  return is_due ? Choice::stop : Choice::pass;
}

int64_t time_for(const Cause &cause, int64_t limit) {
  const int64_t budget = budget_of(cause);
  if (budget == 0) return limit;
  const int64_t left = deadline_by(budget) - monotonic_ns();
  return limit == 0 || left < limit ? left : limit;
}

void forget_budget() { deadline = 0; }

bool heap_may_be_locked() { return after_failure; }

void give_outcomes(const Cause &cause, uint64_t program_mask, const Plan &plan, void (*keep)()) {
  Situation now = situation_of(cause);
  const int64_t budget = budget_of(cause);
  deadline_by(budget);  // the first may take a while
  alignas(Runner) char storage[sizeof(Runner)];
  Runner *runner = nullptr;  // made for the first cleanup that runs: most ends need no timer
  size_t size = registry::size();
  for (size_t i = plan.top; i-- > plan.bottom;) {
    keep();
    Entry &entry = registry::at(i);
    if (entry.state == State::free) continue;  // not published yet
    const Choice choice = plan.choose(entry);
    if (choice == Choice::stop) break;
    if (choice == Choice::pass || entry.source == Source::language) continue;
    if (cause.end == End::exec && is_handler(entry)) continue;  // the exec may fail yet
    const bool is_ours = registry::is_own(entry) || &entry == running_handler();
    if (entry.state == State::running && is_ours) interrupt(entry, cause, now.handler_exited);
    if (entry.state != State::registered || !registry::is_own(entry)) continue;
    now.budget_spent = budget != 0 && deadline_by(budget) <= monotonic_ns();
    now.after_failure = after_failure;
    const Decision decision = decide(now, traits_of(entry));
    if (decision.verdict == Verdict::skip) {
      skip(entry, decision.reason);
    } else if (decision.verdict == Verdict::run) {
      if (runner == nullptr) runner = new (storage) Runner(program_mask);
      if (!runner->run(entry, cause, time_for(cause, time_limit_of(entry)))) after_failure = true;
      if (registry::size() > size) i = size = registry::size();  // what it registered comes next
    }
  }
  keep();
  if (runner != nullptr) runner->~Runner();
}

void skip_what_came_late(const Cause &cause) {
  if (is_orderly(cause.end)) return;  // the rest of the end may run it yet
  Situation now = {};
  bool is_known = false;  // it costs an unwinding, and most ends have no use for it
  for (size_t i = registry::size(); i-- > 0;) {
    Entry &entry = registry::at(i);
    if (entry.state != State::registered || !registry::is_own(entry) || entry.source == Source::language ||
        (cause.end == End::exec && is_handler(entry)))
      continue;
    if (!is_known) now = situation_of(cause);
    is_known = true;
    const Decision decision = decide(now, traits_of(entry));
    if (decision.verdict == Verdict::skip) skip(entry, decision.reason);
    if (decision.verdict == Verdict::run) skip(entry, Reason::forced_exit);
  }
}

}  // namespace axshim
