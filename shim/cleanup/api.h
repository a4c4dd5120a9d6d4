// The cleanups that the program registers through axshim.h; the functions themselves are in api.cc.
#pragma once

#include "cleanup/registry.h"

namespace axshim {

// Runs and forgets those that belong to the library which `dso`, its handle, lies in: it is being unloaded.
// What a library's code registered belongs to it.
void run_cleanups_of_library(const void *dso);

}  // namespace axshim
