#include "cleanup/policy.h"

namespace axshim {
namespace {

constexpr Decision skip(Reason reason) { return {Verdict::skip, reason}; }

Decision decide_observed(const Situation &now, bool quick) {
  if (is_orderly(now.end))
    return now.after_failure ? skip(Reason::unsafe_after_failure) : Decision{Verdict::keep};
  if (now.end == End::exec) return skip(Reason::exec);
  if (now.end == End::vanished) return skip(Reason::vanished);
  if (now.handler_exited) return skip(Reason::handler_exited);
  if (is_fatal_signal(now.end)) return skip(now.out_of_time ? Reason::budget : Reason::not_signal_safe);
  if (!now.rescue || now.in_signal_handler) return skip(Reason::forced_exit);
  if (quick && now.end != End::quick_exit) return {Verdict::keep};  // as exit would
  if (now.quiet) return skip(Reason::seccomp);
  if (now.after_failure) return skip(Reason::unsafe_after_failure);
  if (now.budget_spent) return skip(Reason::budget);
  return {Verdict::run};
}

}  // namespace

Decision decide(const Situation &now, const Traits &cleanup) {
  if (cleanup.observed) return decide_observed(now, cleanup.quick);
  const bool orderly = is_orderly(now.end);
  if (now.end == End::exec) {
    if (cleanup.signal_safe && cleanup.inherited_by_exec && now.survives_exec) return {Verdict::keep};
    return skip(Reason::exec);
  }
  if (cleanup.orderly_only && !orderly) return skip(Reason::policy);
  if (cleanup.forced_only && orderly) return skip(Reason::policy);
  if (now.quiet) return skip(Reason::seccomp);
  if (!cleanup.signal_safe) {
    if (now.end == End::vanished) return skip(Reason::vanished);
    if (is_fatal_signal(now.end) || now.in_signal_handler) return skip(Reason::not_signal_safe);
    if (now.after_failure) return skip(Reason::unsafe_after_failure);
  }
  if (now.budget_spent) return skip(Reason::budget);
  return {Verdict::run};
}

}  // namespace axshim
