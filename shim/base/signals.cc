#include "base/signals.h"

#include <signal.h>
#include <stddef.h>

#include "base/escape.h"

namespace axshim {
namespace {

// Characters in the tables, not pointers: nothing to relocate, so the pages stay shared and clean.
struct SignalRow {
  char name[13];
  bool fatal;  // the default action ends the process
};

// Indexed by number. Empty: no signal.
constexpr SignalRow kSignals[kRealtimeMax + 1] = {
    {"", false},           {"SIGHUP", true},      {"SIGINT", true},      {"SIGQUIT", true},
    {"SIGILL", true},      {"SIGTRAP", true},     {"SIGABRT", true},     {"SIGBUS", true},
    {"SIGFPE", true},      {"SIGKILL", true},     {"SIGUSR1", true},     {"SIGSEGV", true},
    {"SIGUSR2", true},     {"SIGPIPE", true},     {"SIGALRM", true},     {"SIGTERM", true},
    {"SIGSTKFLT", true},   {"SIGCHLD", false},    {"SIGCONT", false},    {"SIGSTOP", false},
    {"SIGTSTP", false},    {"SIGTTIN", false},    {"SIGTTOU", false},    {"SIGURG", false},
    {"SIGXCPU", true},     {"SIGXFSZ", true},     {"SIGVTALRM", true},   {"SIGPROF", true},
    {"SIGWINCH", false},   {"SIGIO", true},       {"SIGPWR", true},      {"SIGSYS", true},
    {"", false},           {"", false},           {"SIGRTMIN", true},    {"SIGRTMIN+1", true},
    {"SIGRTMIN+2", true},  {"SIGRTMIN+3", true},  {"SIGRTMIN+4", true},  {"SIGRTMIN+5", true},
    {"SIGRTMIN+6", true},  {"SIGRTMIN+7", true},  {"SIGRTMIN+8", true},  {"SIGRTMIN+9", true},
    {"SIGRTMIN+10", true}, {"SIGRTMIN+11", true}, {"SIGRTMIN+12", true}, {"SIGRTMIN+13", true},
    {"SIGRTMIN+14", true}, {"SIGRTMIN+15", true}, {"SIGRTMIN+16", true}, {"SIGRTMIN+17", true},
    {"SIGRTMIN+18", true}, {"SIGRTMIN+19", true}, {"SIGRTMIN+20", true}, {"SIGRTMIN+21", true},
    {"SIGRTMIN+22", true}, {"SIGRTMIN+23", true}, {"SIGRTMIN+24", true}, {"SIGRTMIN+25", true},
    {"SIGRTMIN+26", true}, {"SIGRTMIN+27", true}, {"SIGRTMIN+28", true}, {"SIGRTMIN+29", true},
    {"SIGRTMAX", true},
};

// Rows that pin the order of the table.
static_assert(kSignals[SIGSTKFLT].name[3] == 'S' && kSignals[SIGURG].name[3] == 'U');
static_assert(kSignals[SIGSYS].name[4] == 'Y' && kSignals[kRealtimeMin + 29].name[9] == '2');

struct Alias {
  char name[5];
  int8_t signo;
};
constexpr Alias kAliases[] = {{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"POLL", SIGIO}};

struct CodeRow {
  int16_t code;
  int8_t signo;  // 0: the code means the same with every signal
  char name[19];
};

// By number where glibc's headers are older than the kernel, or lack the name.
constexpr CodeRow kCodes[] = {
    {SI_USER, 0, "SI_USER"},          {SI_KERNEL, 0, "SI_KERNEL"},   {SI_QUEUE, 0, "SI_QUEUE"},
    {SI_TIMER, 0, "SI_TIMER"},        {SI_MESGQ, 0, "SI_MESGQ"},     {SI_ASYNCIO, 0, "SI_ASYNCIO"},
    {SI_SIGIO, 0, "SI_SIGIO"},        {SI_TKILL, 0, "SI_TKILL"},     {-7, 0, "SI_DETHREAD"},
    {SI_ASYNCNL, 0, "SI_ASYNCNL"},    {1, SIGILL, "ILL_ILLOPC"},     {2, SIGILL, "ILL_ILLOPN"},
    {3, SIGILL, "ILL_ILLADR"},        {4, SIGILL, "ILL_ILLTRP"},     {5, SIGILL, "ILL_PRVOPC"},
    {6, SIGILL, "ILL_PRVREG"},        {7, SIGILL, "ILL_COPROC"},     {8, SIGILL, "ILL_BADSTK"},
    {9, SIGILL, "ILL_BADIADDR"},      {1, SIGTRAP, "TRAP_BRKPT"},    {2, SIGTRAP, "TRAP_TRACE"},
    {3, SIGTRAP, "TRAP_BRANCH"},      {4, SIGTRAP, "TRAP_HWBKPT"},   {5, SIGTRAP, "TRAP_UNK"},
    {6, SIGTRAP, "TRAP_PERF"},        {1, SIGBUS, "BUS_ADRALN"},     {2, SIGBUS, "BUS_ADRERR"},
    {3, SIGBUS, "BUS_OBJERR"},        {4, SIGBUS, "BUS_MCEERR_AR"},  {5, SIGBUS, "BUS_MCEERR_AO"},
    {1, SIGFPE, "FPE_INTDIV"},        {2, SIGFPE, "FPE_INTOVF"},     {3, SIGFPE, "FPE_FLTDIV"},
    {4, SIGFPE, "FPE_FLTOVF"},        {5, SIGFPE, "FPE_FLTUND"},     {6, SIGFPE, "FPE_FLTRES"},
    {7, SIGFPE, "FPE_FLTINV"},        {8, SIGFPE, "FPE_FLTSUB"},     {14, SIGFPE, "FPE_FLTUNK"},
    {15, SIGFPE, "FPE_CONDTRAP"},     {1, SIGSEGV, "SEGV_MAPERR"},   {2, SIGSEGV, "SEGV_ACCERR"},
    {3, SIGSEGV, "SEGV_BNDERR"},      {4, SIGSEGV, "SEGV_PKUERR"},   {5, SIGSEGV, "SEGV_ACCADI"},
    {6, SIGSEGV, "SEGV_ADIDERR"},     {7, SIGSEGV, "SEGV_ADIPERR"},  {8, SIGSEGV, "SEGV_MTEAERR"},
    {9, SIGSEGV, "SEGV_MTESERR"},     {10, SIGSEGV, "SEGV_CPERR"},   {1, SIGCHLD, "CLD_EXITED"},
    {2, SIGCHLD, "CLD_KILLED"},       {3, SIGCHLD, "CLD_DUMPED"},    {4, SIGCHLD, "CLD_TRAPPED"},
    {5, SIGCHLD, "CLD_STOPPED"},      {6, SIGCHLD, "CLD_CONTINUED"}, {1, SIGIO, "POLL_IN"},
    {2, SIGIO, "POLL_OUT"},           {3, SIGIO, "POLL_MSG"},        {4, SIGIO, "POLL_ERR"},
    {5, SIGIO, "POLL_PRI"},           {6, SIGIO, "POLL_HUP"},        {1, SIGSYS, "SYS_SECCOMP"},
    {2, SIGSYS, "SYS_USER_DISPATCH"},
};

constexpr SignalSet fatal_signals(int last) {
  SignalSet set;
  for (int signo = 1; signo <= last; signo++)
    if (kSignals[signo].fatal && signo != SIGKILL) set.add(signo);
  return set;
}

static_assert(kDefaultSignals == fatal_signals(31) && kAllSignals == fatal_signals(kRealtimeMax));

bool same_word(std::string_view a, std::string_view upper) {
  if (a.size() != upper.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if ((a[i] >= 'a' && a[i] <= 'z' ? a[i] - 'a' + 'A' : a[i]) != upper[i]) return false;
  return true;
}

// Cuts `prefix` off, whatever the case; false if `text` begins with something else.
bool take_prefix(std::string_view &text, std::string_view prefix) {
  if (text.size() < prefix.size() || !same_word({text.data(), prefix.size()}, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// One or two digits; -1 for anything else.
int small_number(std::string_view text) {
  if (text.empty() || text.size() > 2) return -1;
  int number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

// What stands after RTMIN or RTMAX: nothing, or the sign and a number that stays in the range.
int realtime_number(std::string_view offset, int base, char sign) {
  if (offset.empty()) return base;
  if (offset.front() != sign) return 0;
  offset.remove_prefix(1);
  const int distance = small_number(offset);
  if (distance < 0 || distance > kRealtimeMax - kRealtimeMin) return 0;
  return sign == '+' ? base + distance : base - distance;
}

// The signal that `item` names, if it is one of `allowed`; else 0, with the reason in `why`.
int signal_of(std::string_view item, SignalSet allowed, Text &why) {
  const int signo = signal_number(item);
  if (allowed.contains(signo)) return signo;
  append_quoted(why, item);
  if (signo == 0) {
    why << " is not a signal";
  } else if (signo == SIGKILL || signo == SIGSTOP) {
    why << " can't be caught";
  } else if (!kAllSignals.contains(signo)) {
    why << " does not end a process by default";
  } else {
    why << " tells of a fault, after which no ordinary code may run";
  }
  why << (allowed == kAllSignals ? " (allowed: default, all, none, " : " (allowed: none, ");
  append_signal_list(why, allowed);
  why << (allowed == kAllSignals ? ", RTMIN+0 to RTMIN+30; -NAME removes)" : ", RTMIN+0 to RTMIN+30)");
  return 0;
}

// Cuts the next item off; false once there is none.
bool take_item(std::string_view &list, std::string_view &item) {
  if (list.data() == nullptr) return false;
  const size_t comma = list.find(',');
  item = list.substr(0, comma);
  list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
  while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
  while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
  return true;
}

}  // namespace

std::string_view signal_name(int signo) {
  return signo < 1 || signo > kRealtimeMax ? std::string_view() : kSignals[signo].name;
}

int signal_number(std::string_view name) {
  const int number = small_number(name);
  if (number >= 0) return signal_name(number).empty() ? 0 : number;
  take_prefix(name, "SIG");
  for (int signo = 1; signo < kRealtimeMin; signo++)
    if (kSignals[signo].name[0] != '\0' && same_word(name, kSignals[signo].name + 3)) return signo;
  for (const Alias &alias : kAliases)
    if (same_word(name, alias.name)) return alias.signo;
  if (take_prefix(name, "RTMIN")) return realtime_number(name, kRealtimeMin, '+');
  if (take_prefix(name, "RTMAX")) return realtime_number(name, kRealtimeMax, '-');
  return 0;
}

const char *code_name(int signo, int code) {
  for (const CodeRow &row : kCodes)
    if (row.code == code && (row.signo == signo || row.signo == 0)) return row.name;
  return nullptr;
}

bool parse_signals(std::string_view list, SignalSet &out, Text &why) {
  SignalSet set;
  bool first = true;
  for (std::string_view item; take_item(list, item); first = false) {
    if (item == "default" || item == "all" || item == "none") {
      if (!first) {
        append_quoted(why, item);
        why << " must come first (allowed: default, all or none, then signals or -signals)";
        return false;
      }
      set = item == "default" ? kDefaultSignals : item == "all" ? kAllSignals : SignalSet{};
      continue;
    }
    const bool remove = !item.empty() && item.front() == '-';
    if (remove && first) {
      append_quoted(why, item);
      why << " removes from nothing (allowed: default or all first, as default,-USR1)";
      return false;
    }
    if (remove) item.remove_prefix(1);
    const int signo = signal_of(item, kAllSignals, why);
    if (signo == 0) return false;
    remove ? set.remove(signo) : set.add(signo);
  }
  out = set;
  return true;
}

bool parse_graceful_signals(std::string_view list, SignalSet &out, Text &why) {
  SignalSet set;
  if (list == "none") list = {};
  for (std::string_view item; take_item(list, item);) {
    const int signo = signal_of(item, kSentSignals, why);
    if (signo == 0) return false;
    set.add(signo);
  }
  out = set;
  return true;
}

void append_signal_list(Text &text, SignalSet set) {
  bool first = true;
  for (int signo = 1; signo < kRealtimeMin; signo++) {
    if (!set.contains(signo)) continue;
    if (!first) text << ", ";
    text << kSignals[signo].name + 3;
    first = false;
  }
}

}  // namespace axshim
