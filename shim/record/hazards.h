// What a program did at its end that goes wrong some day, though it may not have today.
#pragma once

#include <atomic>

namespace axshim {

enum class Hazard : unsigned { exit_in_signal_handler = 1, thread_in_handler = 2, fork_in_handler = 4 };

inline constexpr const char *kHazardNames[] = {"exit-in-signal-handler", "thread-in-handler",
                                               "fork-in-handler"};  // in the order of the bits

// Of this process so far, as bits.
inline constinit std::atomic<unsigned> hazards{0};

inline void note(Hazard hazard) { hazards |= static_cast<unsigned>(hazard); }

}  // namespace axshim
