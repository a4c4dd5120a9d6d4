// Signals by name and number, what their si_code means, and the sets of AXSHIM_SIGNALS.
#pragma once

#include <stdint.h>

#include <string_view>

#include "base/text.h"

namespace axshim {

// glibc keeps 32 and 33 for itself. Constants, because glibc's SIGRTMIN is a call.
inline constexpr int kRealtimeMin = 34;
inline constexpr int kRealtimeMax = 64;

// Signals 1 to 64 as one word. Signal-safe.
struct SignalSet {
  uint64_t bits = 0;

  constexpr void add(int signo) { bits |= bit(signo); }
  constexpr void remove(int signo) { bits &= ~bit(signo); }
  constexpr bool contains(int signo) const { return (bits & bit(signo)) != 0; }
  constexpr bool empty() const { return bits == 0; }
  constexpr bool operator==(const SignalSet &) const = default;

 private:
  static constexpr uint64_t bit(int signo) {
    return signo < 1 || signo > 64 ? 0 : uint64_t{1} << (signo - 1);
  }
};

// Every standard signal whose default action ends the process and that can be caught (so without SIGKILL).
inline constexpr SignalSet kDefaultSignals{0x7780feff};
// The same and the realtime ones.
inline constexpr SignalSet kAllSignals{0xfffffffe7780feff};

// All of these that somebody sends: not those of a fault (ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS).
inline constexpr SignalSet kSentSignals{kAllSignals.bits & ~uint64_t{0x400004f8}};

// "SIGTERM", "SIGRTMIN+3", "SIGRTMAX"; empty for what is none (0, 32, 33, 65). A terminated static string.
// Signal-safe.
std::string_view signal_name(int signo);

// "TERM", "SIGTERM", "term", "15", "RTMIN+3", "RTMAX-1" and the old IOT, CLD, POLL; 0 if it is none.
// Signal-safe.
int signal_number(std::string_view name);

// "SI_USER", "SEGV_MAPERR"…; nullptr if the pair is not known. Signal-safe.
const char *code_name(int signo, int code);

// The value of AXSHIM_SIGNALS: `default`, `all`, `none`, or signals that are added or, with `-`, removed, in
// order, where one of the three words may come first. False, with the reason in `why` (300 bytes hold it),
// and `out` untouched for anything else. Signal-safe.
bool parse_signals(std::string_view list, SignalSet &out, Text &why);

// The value of AXSHIM_GRACEFUL: `none`, or signals out of kSentSignals. As above. Signal-safe.
bool parse_graceful_signals(std::string_view list, SignalSet &out, Text &why);

// "HUP, INT, …": the standard signals of the set, for error messages. Signal-safe.
void append_signal_list(Text &text, SignalSet set);

}  // namespace axshim
