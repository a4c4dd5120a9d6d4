// What a vfork child becomes is in no record and no journal: it has none. Of a program that ld.so does not
// load, `axshim run` then hears nothing at all, unless by a note.
#pragma once

namespace axshim {

// For a directory below AXSHIM_DIR, which `axshim run` makes: where there is none no note is wanted.
inline constexpr char kUnentered[] = "unentered";

bool wants_notes_of_unentered();

// Leaves a symbolic link to `path` there if it is a program of another kind: static, of another libc or
// machine. Signal-safe, and for a stack of ours.
void note_if_unentered(const char *path);

}  // namespace axshim
