// What the kernel is told to do with signals. Our handler *is* SIG_DFL: where the program asks for the
// default action of a watched signal the kernel gets our handler, and where it asks what is installed it
// hears SIG_DFL. There is no table of ours, so nothing to lock and nothing for a vfork child to corrupt.
#pragma once

#include <signal.h>

namespace axshim {

// Puts our handler where SIG_DFL stands for a watched signal; ignored and handled ones stay. Not signal-safe.
void watch_signals();

// In a fork child, which may be the first of a new PID namespace. Not signal-safe.
void unwatch_what_process_1_ignores();

// Where the kernel has SIG_DFL for a watched signal all the same, because libc put it there in a way of its
// own, or the kernel itself did (SA_RESETHAND): it gets our handler again. Signal-safe.
void watch_again(int signal);

// Before a seccomp filter: the kernel itself takes our handler off faults when it calls it, and off the rest
// now.
void stop_watching_signals();
// If no filter came.
void watch_signals_again();

// After phase::begin_dying(): what this thread installs to die of no other thread changes. Signal-safe.
void await_changes();
// In a fork child: those of other threads. Signal-safe.
void forget_changes();

// True if the kernel has our handler, that is, if the program has SIG_DFL. Signal-safe.
bool is_our_handler(const struct sigaction &);

// Those that the processor raises again when the handler returns, and that are never raised otherwise by it.
bool comes_again(int signal);

// What `signal`'s default action is to do now: called from our handler on the thread that got it.
void on_fatal_signal(int signal, siginfo_t *info, void *context) asm("axshim_on_fatal_signal");

}  // namespace axshim
