#include "base/objects.h"

#include <dlfcn.h>

#include <algorithm>

#include "base/pages.h"
#include "base/real.h"

namespace axshim {
namespace {

bool look_up(uintptr_t address, dl_find_object *found) {
  return _dl_find_object(reinterpret_cast<void *>(address), found) == 0 && found->dlfo_link_map;
}

// Of a program with gaps between its segments the loader gives the one that holds the address, and the ELF
// header is in the first.
void widen_program(Object &object) {
  const auto *segments = reinterpret_cast<const ElfW(Phdr) *>(libc::getauxval(AT_PHDR));
  const size_t count = segments != nullptr ? libc::getauxval(AT_PHNUM) : 0;
  uintptr_t start = UINTPTR_MAX, end = 0;
  for (size_t i = 0; i < count; ++i) {
    if (segments[i].p_type != PT_LOAD) continue;
    start = std::min(start, object.bias + segments[i].p_vaddr / kPage * kPage);
    end = std::max(end, object.bias + segments[i].p_vaddr + segments[i].p_memsz);
  }
  if (start > object.start || end < object.end) return;  // of another object
  object.start = start;
  object.end = end;
}

}  // namespace

bool find_object(uintptr_t address, Object *object) {
  dl_find_object found;
  if (!look_up(address, &found)) return false;
  *object = {
      .name = found.dlfo_link_map->l_name,
      .bias = found.dlfo_link_map->l_addr,
      .start = reinterpret_cast<uintptr_t>(found.dlfo_map_start),
      .end = reinterpret_cast<uintptr_t>(found.dlfo_map_end),
      .eh_frame_header = reinterpret_cast<uintptr_t>(found.dlfo_eh_frame),
      .dynamic = found.dlfo_link_map->l_ld,
  };
  if (found.dlfo_link_map->l_prev == nullptr) widen_program(*object);
  return true;
}

const link_map *own_link_map() {
  dl_find_object found;
  return look_up(reinterpret_cast<uintptr_t>(&own_link_map), &found) ? found.dlfo_link_map : nullptr;
}

const link_map *first_link_map() {
  // Back from our own entry: needs neither _r_debug, which lives in ld.so, nor a DT_DEBUG in the program.
  const link_map *map = own_link_map();
  while (map && map->l_prev) map = map->l_prev;
  return map;
}

}  // namespace axshim
