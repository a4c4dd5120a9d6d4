// Whose a file is that we are about to write to, or to obey.
#pragma once

namespace axshim {

// True if somebody else may have put the file there: it lies in a directory in which all may make files of
// their own (sticky, as /tmp is), and is neither this user's, nor root's, nor the directory's owner's. So
// Linux's fs.protected_regular and protected_fifos have it, where they are switched on. `path` is what `fd`
// was opened by. Signal-safe.
bool is_planted(int fd, const char *path);

}  // namespace axshim
