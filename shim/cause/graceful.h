// AXSHIM_GRACEFUL: a signal becomes an orderly exit, and the process then dies of it. The exit handlers run
// on a thread of the shim's, for the one that the signal interrupted may hold any lock; it waits in its
// handler.
//
//   idle ──► leaving ──► done     `leaving`: exit is called; `done`: the record is written, only dying is
//   left
//    │ ▲
//    ▼ │
//   changing     the thread is being stopped or started; who has a signal waits until that is over
//
//   over         from `idle`: libc's list is through, or the last thread leaves
//
// What finds it `leaving`, a second such signal or the end of AXSHIM_BUDGET, is a forced end as ever.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

namespace axshim::graceful {

// Starts the thread where AXSHIM_GRACEFUL lists signals and it does not run. Not signal-safe.
void start();

// Before what a process with a second thread may not do, and what takes rights from the calling thread alone.
// The thread is started again by the first of start(), pthread_create and a listed signal; then it has the
// rights that are left. Not signal-safe.
void stop();

enum class Answer { refused, out_of_time, die, go_on };

// In the handler of a listed signal; returns when the process is to die of it, or the interrupted thread is
// to go on. `refused` and `out_of_time`: it is a forced end, in the second case by the signal that came
// first. Signal-safe, but where it starts the thread: only on the stack of an earlier one, which libc keeps
// for the next, so that pthread_create needs no heap.
Answer leave(int signal, siginfo_t *info, const ucontext_t *interrupted);

// A SIGPIPE that a handler causes during a graceful end does not change by which signal the process dies:
// true if `info` is that of the first now.
bool takes_its_place(siginfo_t *info);

bool is_leaving();
// At the end of libc's list: true if no signal can become an orderly end any more; false if one has, and the
// process is to die() of it.
bool close();
[[noreturn]] void die();

// A thread of the program's begins or ends. libc ends the process with its last thread, and would count ours.
void count_thread();
void discount_thread();

// In a fork child. Signal-safe.
void forget();

}  // namespace axshim::graceful
