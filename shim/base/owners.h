// Whose a file is that we are about to write to, or to obey.
#pragma once

#include <sys/types.h>

namespace axshim {

// Neither this user nor root. Signal-safe.
bool is_of_others(uid_t owner);

// True if somebody else may have put the file there: it lies in a directory in which all may make files of
// their own (sticky, as /tmp is), and is neither this user's, nor root's, nor the directory's owner's. So
// Linux's fs.protected_regular and protected_fifos have it, where they are switched on. `path` is what `fd`
// was opened by. Signal-safe.
bool is_planted(int fd, const char *path);

// Opens a file to append to, or makes it: a descriptor that the program does not see, -errno, or kPlanted,
// which no errno is. Never through a link, and without waiting for who reads a FIFO. Signal-safe.
inline constexpr int kPlanted = -4096;
int open_to_append(const char *path, unsigned mode);

}  // namespace axshim
