// Which directories journals are trusted in: such that nobody else can put one there, for a planted journal
// is a planted command. A process that keeps one and `axshim recover` go by the same rule.
#pragma once

#include "base/text.h"

namespace axshim {

inline constexpr const char *kPlacesForJournals =
    "a directory that only you or root can write, and above it only such, or sticky ones";

// What `axshim run` makes begins with this; it looks at that by its descriptor, whatever is above.
inline constexpr char kRunDirectory[] = "axshim-run.";

// Who keeps a journal may live in a user namespace, which has no name for the owner of what is above: whoever
// recovers it has.
enum class Journals { are_kept, are_recovered };

// True where `directory` and all above it, but for the root, are this user's or root's and nobody else can
// write them (above it: or they are sticky). Otherwise `why` gets what is wrong. Signal-safe.
bool is_place_for_journals(const char *directory, Journals, Text &why);

}  // namespace axshim
