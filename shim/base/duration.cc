#include "base/duration.h"

#include "base/escape.h"

namespace axshim {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1000 * kMillisecond;

struct Unit {
  char name[3];
  int64_t nanoseconds;
};
constexpr Unit kUnits[] = {{"ms", kMillisecond}, {"s", kSecond}, {"m", 60 * kSecond}};

bool refuse(std::string_view text, const char *reason, Text &why) {
  append_quoted(why, text);
  why << " is not a duration: " << reason
      << " (allowed: a whole number with ms, s or m, as 500ms, 5s, 2m; 0 for none)";
  return false;
}

}  // namespace

bool parse_duration(std::string_view text, int64_t &nanoseconds, Text &why) {
  if (text.empty()) return refuse(text, "it is empty", why);
  int64_t number = 0;
  size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; digits++) {
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, text[digits] - '0', &number))
      return refuse(text, "it is too long", why);
  }
  if (digits == 0) return refuse(text, "it does not begin with a digit", why);

  std::string_view unit = text;
  unit.remove_prefix(digits);
  if (unit.empty() && number == 0) {
    nanoseconds = 0;
    return true;
  }
  if (unit.empty()) return refuse(text, "the unit is missing", why);
  for (const Unit &known : kUnits) {
    if (unit != known.name) continue;
    int64_t product;
    if (__builtin_mul_overflow(number, known.nanoseconds, &product))
      return refuse(text, "it is too long", why);
    nanoseconds = product;
    return true;
  }
  return refuse(text, "the unit is unknown", why);
}

void append_uptime(Text &text, int64_t nanoseconds) {
  if (nanoseconds < 0) nanoseconds = 0;  // a clock that was set back
  const int64_t seconds = nanoseconds / kSecond, minutes = seconds / 60, hours = minutes / 60;
  if (seconds == 0) {
    text.dec(nanoseconds / kMillisecond) << "ms";
  } else if (minutes == 0) {
    (text.dec(seconds) << '.').dec(nanoseconds % kSecond / (100 * kMillisecond)) << 's';
  } else if (hours == 0) {
    (text.dec(minutes) << 'm').dec(seconds % 60, 2) << 's';
  } else if (hours < 24) {
    (text.dec(hours) << 'h').dec(minutes % 60, 2) << 'm';
  } else {
    (text.dec(hours / 24) << 'd').dec(hours % 24, 2) << 'h';
  }
}

}  // namespace axshim
