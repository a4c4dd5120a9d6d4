// Takes over the cleanups that the environment declares.
#pragma once

#include <string_view>

namespace axshim {

// Registers the entries of AXSHIM_CLEANUP_FILE, then of AXSHIM_CLEANUP: all where this process owns them,
// those marked @children where a process above it does. Ordinary ones wait for register_ordinary(). Says on
// stderr which entries are not valid. Not signal-safe.
void adopt_declared_cleanups();

// Those that call into the program, once main is entered: true if there are any.
bool register_ordinary_cleanups();

// "AXSHIM_OWNER=pid:starttime", to be put into the environment; empty where nothing is declared here.
std::string_view owner_variable();

// The child that setsid made a daemon owns the entries marked @daemon, and those alone: so it is told to the
// image that it may exec. Signal-safe.
void become_daemon_owner();

}  // namespace axshim
