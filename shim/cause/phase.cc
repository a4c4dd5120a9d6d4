#include "cause/phase.h"

#include <atomic>

#include "base/sys.h"
#include "process.h"

namespace axshim::phase {
namespace {

enum Phase : uint8_t {
  kAlive,
  kOrderly,
  kCleaning,
  kClosing,
  kWriting,
  kDone,
  kRecording,
  kReplacing,
  kForced,
  kDying
};

struct Word {
  Phase phase = kAlive;
  bool begun = false;  // an orderly end
  bool twice = false;
  int tid = 0;
};

constexpr uint64_t pack(Word word) {
  return uint64_t{word.phase} << 32 | uint64_t{word.begun} << 40 | uint64_t{word.twice} << 41 |
         static_cast<uint32_t>(word.tid);
}

constexpr Word unpack(uint64_t bits) {
  return {static_cast<Phase>(bits >> 32), (bits >> 40 & 1) != 0, (bits >> 41 & 1) != 0,
          static_cast<int>(bits)};
}

std::atomic<uint64_t> word{0};
// What an exec that fails goes back to. Written by who records it, and read by it.
std::atomic<uint64_t> before_exec{0};

Word look() { return unpack(word.load(std::memory_order_acquire)); }

bool change(Word &from, Word to) {
  uint64_t expected = pack(from);
  if (word.compare_exchange_strong(expected, pack(to), std::memory_order_acq_rel)) return true;
  from = unpack(expected);
  return false;
}

Word with(Word now, Phase phase, int tid) {
  now.phase = phase;
  now.tid = tid;
  return now;
}

void wait_a_little() {
  const timespec wait = {0, 10'000'000};
  if (!process.quiet) sys::call(SYS_ppoll, 0, 0, sys::arg(&wait), 0, 8);
}

bool is_gone(int tid) { return !process.quiet && sys::call(SYS_tgkill, process.pid, tid, 0) == -ESRCH; }

// What a thread that wants a phase does where another has brought about the one that is.
enum class Answer : uint8_t { take, refuse, wait };

// From the phase `from` of this thread's to another. False where it is not in that.
bool advance(Phase from, Phase to) {
  const int self = thread_id();
  for (Word now = look(); now.phase == from && now.tid == self;)
    if (change(now, with(now, to, self))) return true;
  return false;
}

// An exec that was under way first becomes this thread's: the others wait until what it has recorded is void.
template <class Judge>
bool claim(Phase wanted, VoidExec *void_exec, Judge judge) {
  const int self = thread_id();
  for (Word now = look();;) {
    Answer answer = judge(now, now.tid == self);
    if (answer == Answer::wait && now.tid != self && is_gone(now.tid)) answer = Answer::take;
    if (answer == Answer::refuse) return false;
    if (answer == Answer::wait) {
      wait_a_little();
      now = look();
      continue;
    }
    const Word was = now;
    const bool is_over_exec = was.phase == kRecording || was.phase == kReplacing;
    if (!change(now, with(now, is_over_exec ? kRecording : wanted, self))) continue;
    if (is_over_exec) {
      void_exec();
      advance(kRecording, wanted);
    } else if (wanted == kRecording) {
      before_exec.store(pack(was), std::memory_order_relaxed);
    }
    return true;
  }
}

// After something that took time: goes on where this thread still has the phase or may have it again, and
// else waits. A fork child that comes back here has nothing to keep.
void keep(Phase phase) {
  const int self = thread_id();
  for (Word now = look(); now.phase != kAlive && now.tid != self;) {
    const bool is_free = (phase == kCleaning && now.phase == kOrderly) || is_gone(now.tid);
    if (is_free && change(now, with(now, phase, self))) return;
    if (!is_free) wait_a_little();
    now = look();
  }
}

}  // namespace

void begin_orderly() {
  for (Word now = look();;) {
    Word next = now;
    next.twice |= now.begun;
    next.begun = true;
    if (change(now, next)) return;
  }
}

bool orderly_has_begun() { return look().begun; }
bool orderly_has_begun_twice() { return look().twice; }

bool claim_orderly(VoidExec *void_exec) {
  return claim(kOrderly, void_exec, [](Word now, bool) {
    if (now.phase == kAlive || now.phase == kReplacing) return Answer::take;
    return now.phase == kRecording ? Answer::wait : Answer::refuse;
  });
}

bool claim_cleaning(VoidExec *void_exec) {
  return claim(kCleaning, void_exec, [](Word now, bool own) {
    switch (now.phase) {
      case kAlive:
      case kOrderly:
      case kCleaning:
      case kReplacing:
        return Answer::take;
      case kRecording:
      case kForced:
      case kDying:
        return own ? Answer::refuse : Answer::wait;
      default:
        return Answer::refuse;
    }
  });
}

void end_cleaning() { advance(kCleaning, kOrderly); }

void keep_cleaning() { keep(kCleaning); }

bool claim_closing(VoidExec *void_exec) {
  return claim(kClosing, void_exec, [](Word now, bool own) {
    switch (now.phase) {
      case kClosing:
      case kWriting:
      case kDone:
        return Answer::refuse;
      case kRecording:
      case kForced:
      case kDying:
        return own ? Answer::refuse : Answer::wait;
      default:
        return Answer::take;
    }
  });
}

void keep_closing() { keep(kClosing); }

// In a fork child of a cleanup nothing is claimed.
void begin_writing() {
  for (keep_closing(); look().phase != kAlive && !advance(kClosing, kWriting); keep_closing()) continue;
}

void close() {
  const int self = thread_id();
  for (Word now = look(); now.phase == kAlive || now.tid == self;)
    if (change(now, with(now, kDone, self))) return;
}

bool is_done() { return look().phase == kDone; }

void wait_until_done() {
  for (Word now = look(); now.phase == kClosing || now.phase == kWriting || another_forces(); now = look()) {
    if (is_gone(now.tid)) return;
    wait_a_little();
  }
}

bool claim_forced(VoidExec *void_exec) {
  return claim(kForced, void_exec, [](Word now, bool own) {
    switch (now.phase) {
      case kDone:
        return Answer::refuse;
      case kForced:
      case kDying:
        return own ? Answer::refuse : Answer::wait;
      case kRecording:
      case kWriting:
        return own ? Answer::take : Answer::wait;
      default:
        return Answer::take;
    }
  });
}

void begin_dying() { advance(kForced, kDying); }

bool claim_recording(VoidExec *void_exec) {
  return claim(kRecording, void_exec, [](Word now, bool own) {
    switch (now.phase) {
      case kDone:
        return Answer::refuse;
      case kAlive:
      case kOrderly:
      case kCleaning:
      case kClosing:
        return Answer::take;
      default:
        return own ? Answer::refuse : Answer::wait;
    }
  });
}

void begin_replacing() { advance(kRecording, kReplacing); }

bool take_exec_back() { return advance(kReplacing, kRecording); }

void forget_exec() {
  const Word before = unpack(before_exec.load(std::memory_order_relaxed));
  Word now = look();
  while (now.phase == kRecording && !change(now, with(now, before.phase, before.tid))) continue;
}

bool another_forces() {
  const Word now = look();
  const bool forces = now.phase == kForced || now.phase == kDying || now.phase == kRecording;
  return forces && now.tid != thread_id();
}

void wait_for_another() {
  while (another_forces() && !is_gone(look().tid)) wait_a_little();
}

bool is_ending_here() {
  const Word now = look();
  return (now.phase == kForced || now.phase == kDying || now.phase == kRecording) && now.tid == thread_id();
}

bool is_recording_here() {
  const Word now = look();
  return now.phase == kRecording && now.tid == thread_id();
}

bool is_dying_here() {
  const Word now = look();
  return now.phase == kDying && now.tid == thread_id();
}

bool is_forced() {
  const Phase now = look().phase;
  return now == kForced || now == kDying;
}

bool another_dies() {
  const Word now = look();
  return now.phase == kDying && now.tid != thread_id();
}

void forget() { word.store(0, std::memory_order_release); }

}  // namespace axshim::phase
