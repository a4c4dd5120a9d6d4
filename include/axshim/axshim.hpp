// axshim for C++17: cleanups of any kind, on top of axshim.h. Header only, nothing to link.
//
//     static const auto saved = axshim::at_exit(save_index, "index.db");  // at namespace scope too
//     const auto unlock = axshim::defer([&] { lock.release(); });  // at the scope's end, or the process's
//
// They run at return from main, exit, _exit and quick_exit; ordinary code never runs in a process that
// crashed. Each one runs, whatever the others do: an exception is caught and reported with its type and text.
// What registers throws std::system_error where the registry is out of memory. Without the preload they run
// at orderly ends, as with atexit. Those of a library run when it is unloaded.
#pragma once

#include "at_exit.hpp"
#include "files.hpp"
#include "output.hpp"
#include "pidfile.hpp"
#include "registry.hpp"
#include "resources.hpp"
#include "scopes.hpp"
