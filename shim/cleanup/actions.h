// What a declared cleanup does.
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "cause/cause.h"
#include "cleanup/declared.h"

namespace axshim {

enum class ActionResult : uint8_t { succeeded, failed, timed_out };

// Does it; `error` says why it failed. Signal-safe for the actions that ActionInfo::signal_safe names.
ActionResult perform(const Declared &, const Cause &, int64_t limit_ns, Text &error);

// Flushes every output stream that no thread is using. Not signal-safe.
ActionResult flush_streams(Text &error);

// Removes the tree at `path`. Never follows a link, never enters another mount; refuses `/`, the home and the
// working directory and whatever contains them. Signal-safe.
ActionResult remove_tree(const char *path, Text &error);

// Starts a program in a process group of its own, waits, kills the group at the limit. Signal-safe.
ActionResult run_program(const char *const *argv, const Cause &, int64_t limit_ns, Text &error);

// "cannot remove PATH: Permission denied". Signal-safe.
ActionResult fail_with(Text &error, const char *what, const char *path, long result);

}  // namespace axshim
