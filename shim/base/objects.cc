#include "base/objects.h"

#include <dlfcn.h>
#include <string.h>

#include <algorithm>
#include <span>

#include "base/pages.h"
#include "base/real.h"

#pragma weak _dl_find_object  // of glibc 2.35

namespace axshim {
namespace {

using Segments = std::span<const ElfW(Phdr)>;

constexpr int kMost = 100'000;  // a list torn by a dlclose may run in a circle

// The program headers. Of a library they follow the ELF header, which is where its file begins, unless it was
// prelinked to another place.
Segments segments_of(const link_map *object) {
  if (object->l_prev == nullptr) {
    const auto *first = reinterpret_cast<const ElfW(Phdr) *>(libc::getauxval(AT_PHDR));
    return {first, first != nullptr ? libc::getauxval(AT_PHNUM) : 0};
  }
  const uintptr_t start = object->l_addr;
  const bool is_prelinked = reinterpret_cast<uintptr_t>(object->l_ld) - start > UINT32_MAX;
  const auto *header = reinterpret_cast<const ElfW(Ehdr) *>(start);
  if (is_prelinked || start % kPage != 0 || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return {};
  return {reinterpret_cast<const ElfW(Phdr) *>(start + header->e_phoff), header->e_phnum};
}

struct Extent {
  uintptr_t start = UINTPTR_MAX, end = 0;
};

Extent extent_of(Segments segments, uintptr_t bias) {
  Extent all;
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type != PT_LOAD) continue;
    all.start = std::min(all.start, bias + segment.p_vaddr / kPage * kPage);
    all.end = std::max(all.end, bias + segment.p_vaddr + segment.p_memsz);
  }
  return all;
}

// What _dl_find_object would say.
bool look_up_in_list(uintptr_t address, dl_find_object *found) {
  int left = kMost;
  for (link_map *object = _r_debug.r_map; object != nullptr && left > 0; object = object->l_next, --left) {
    const Segments segments = segments_of(object);
    const auto holds = [&](const ElfW(Phdr) & segment) {
      return segment.p_type == PT_LOAD && address - object->l_addr - segment.p_vaddr < segment.p_memsz;
    };
    const Extent all = extent_of(segments, object->l_addr);
    if (address < all.start || address >= all.end || std::ranges::none_of(segments, holds)) continue;
    *found = {};
    found->dlfo_map_start = reinterpret_cast<void *>(all.start);
    found->dlfo_map_end = reinterpret_cast<void *>(all.end);
    found->dlfo_link_map = object;
    for (const ElfW(Phdr) & segment : segments)
      if (segment.p_type == PT_GNU_EH_FRAME)
        found->dlfo_eh_frame = reinterpret_cast<void *>(object->l_addr + segment.p_vaddr);
    return true;
  }
  return false;
}

bool look_up(uintptr_t address, dl_find_object *found) {
  if (_dl_find_object == nullptr) return look_up_in_list(address, found);
  return _dl_find_object(reinterpret_cast<void *>(address), found) == 0 && found->dlfo_link_map;
}

// Of a program with gaps between its segments the loader gives the one that holds the address, and the ELF
// header is in the first.
void widen_program(const link_map *program, Object &object) {
  const Extent all = extent_of(segments_of(program), object.bias);
  if (all.start > object.start || all.end < object.end) return;  // of another object
  object.start = all.start;
  object.end = all.end;
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
  if (found.dlfo_link_map->l_prev == nullptr) widen_program(found.dlfo_link_map, *object);
  return true;
}

const link_map *own_link_map() {
  dl_find_object found;
  if (_dl_find_object != nullptr)
    return look_up(reinterpret_cast<uintptr_t>(&own_link_map), &found) ? found.dlfo_link_map : nullptr;
  const link_map *map = _r_debug.r_map;
  for (int left = kMost; map != nullptr && map->l_ld != _DYNAMIC; map = map->l_next)
    if (--left == 0) return nullptr;
  return map;
}

const link_map *first_link_map() {
  // Back from our own entry: _r_debug knows but the program's namespace.
  const link_map *map = own_link_map();
  while (map && map->l_prev) map = map->l_prev;
  return map;
}

}  // namespace axshim
