// Which loaded object (program, library, vdso) an address belongs to, without the loader's lock: all of it
// comes from _dl_find_object, or the program headers where glibc is older, and the public half of the link
// map. A library that another thread unloads meanwhile may fault, so callers read names and headers inside
// guarded().
#pragma once

#include <link.h>
#include <stdint.h>

namespace axshim {

struct Object {
  const char *name;           // the link map's: empty for the main program
  uintptr_t bias;             // added to an address in the file gives one in memory
  uintptr_t start;            // of its mapping, where the ELF header is
  uintptr_t end;              // one past its mapping
  uintptr_t eh_frame_header;  // PT_GNU_EH_FRAME, or 0
  const ElfW(Dyn) * dynamic;
};

// The object that holds `address`; false where none does (generated code, a wild pointer). Signal-safe.
bool find_object(uintptr_t address, Object *object);

// Calls visit(object) for the program and its libraries in the loader's order until it returns true.
// Signal-safe.
template <class Visit>
bool any_object(Visit &&visit);

// Of our own object, and the first one of our namespace; nullptr where the loader knows none. Signal-safe.
const link_map *own_link_map();
const link_map *first_link_map();

template <class Visit>
bool any_object(Visit &&visit) {
  int left = 100'000;  // a list torn by a dlclose may run in a circle
  for (const link_map *map = first_link_map(); map && left > 0; map = map->l_next, --left) {
    Object object;
    if (find_object(reinterpret_cast<uintptr_t>(map->l_ld), &object) && visit(object)) return true;
  }
  return false;
}

}  // namespace axshim
