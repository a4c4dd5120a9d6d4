#include "base/objects.h"

#include <dlfcn.h>

namespace axshim {
namespace {

bool look_up(uintptr_t address, dl_find_object *found) {
  return _dl_find_object(reinterpret_cast<void *>(address), found) == 0 && found->dlfo_link_map;
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
