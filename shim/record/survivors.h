// Who is still there when the process ends: its other threads, and its children.
#pragma once

#include <stddef.h>

namespace axshim {

struct Survivor {
  int id;         // tid or pid
  char name[17];  // as /proc has it; empty where it does not tell
};

// Fill `out` and return how many. Signal-safe.
size_t list_threads(Survivor *out, size_t capacity,
                    int ending);                       // but `ending`, the caller and the shim's own
size_t list_children(Survivor *out, size_t capacity);  // those that have not ended

}  // namespace axshim
