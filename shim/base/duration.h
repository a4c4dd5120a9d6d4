// Durations as the environment gives them (`500ms`, `5s`, `2m`, `0`) and as people read them ("2.1s").
#pragma once

#include <stdint.h>

#include <string_view>

#include "base/text.h"

namespace axshim {

// An integer and a unit, ms, s or m; `0` alone means none. False, with the reason in `why`, for anything
// else: a sign, a fraction, a space, no unit, more than an int64_t of nanoseconds. Signal-safe.
bool parse_duration(std::string_view text, int64_t &nanoseconds, Text &why);

// "45ms", "2.1s", "3m12s", "5h02m", "4d07h": the two leading parts, cut and not rounded. Signal-safe.
void append_uptime(Text &text, int64_t nanoseconds);

}  // namespace axshim
