// AXSHIM_GRACEFUL: a signal becomes an orderly exit, and the process then dies of it. The exit handlers run on
// a thread of the shim's, for the one that the signal interrupted may hold any lock; it waits in its handler.
//
//   idle ──► leaving ──► done     `leaving`: exit was called; `done`: the record is written, only dying is left
//
// A second such signal, or the end of AXSHIM_BUDGET, finds it `leaving` and is a forced end as ever.
#pragma once

#include <signal.h>
#include <ucontext.h>

namespace axshim::graceful {

// Starts the thread where AXSHIM_GRACEFUL lists signals. Not signal-safe.
void start();

// Before the caller gives up rights that the thread would keep; true if there was one. Should a listed signal
// come later, a new thread is started, with the rights of then. Not signal-safe.
bool stop();

// Lives around a call that a process with a second thread may not make. Not signal-safe.
class WithoutThread {
 public:
  explicit WithoutThread(bool wanted = true);
  ~WithoutThread();

 private:
  bool stopped_;
};

enum class Answer { refused, die, go_on };

// In the handler of a listed signal; returns when the process is to die of it, or the interrupted thread is to
// go on. `refused`: it is a forced end. Signal-safe, but where it starts the thread: in a fork child, which
// finds the stack of its parent's in libc's cache, and where the thread was stopped.
Answer leave(int signal, const siginfo_t *info, const ucontext_t *interrupted);

// The budget's end comes as one more signal; then `info` becomes that of the first. Signal-safe.
bool is_out_of_time(siginfo_t *info);

// At the end of libc's list: true if the process is to die of a signal; then die() does that.
bool is_leaving();
[[noreturn]] void die();

// A thread of the program's begins or ends. libc ends the process with its last thread, and would count ours.
void count_thread();
void discount_thread();

// In a fork child. Signal-safe.
void forget();

}  // namespace axshim::graceful
