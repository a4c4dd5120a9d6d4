#include "record/symbols.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include <algorithm>
#include <span>

#include "base/elf.h"
#include "base/fault_guard.h"
#include "base/objects.h"
#include "base/pages.h"
#include "base/real.h"
#include "base/sys.h"
#include "record/demangle.h"

namespace axshim {
namespace {

using elf::Sym;
using elf::SymbolTable;

// A frame on its way to a name.
struct Target {
  uintptr_t address;   // as symbol tables count: without the load bias, at the call instead of after it
  uintptr_t distance;  // from there to the pc: 0 or 1
  Symbol *out;
  const Sym *holding = nullptr;  // the best symbol whose extent holds the address
  const Sym *nearest = nullptr;  // the last one to start at or before it
};

void copy_text(const char *from, std::span<char> to) {
  const size_t length = strnlen(from, to.size() - 1);
  memcpy(to.data(), from, length);
  to[length] = '\0';
}

bool is_program(const Object &object) { return object.name[0] == '\0'; }

void name_program(std::span<char> out) {
  if (libc::getauxval(AT_BASE) == 0) {  // started as `ld.so program`: then /proc/thread-self/exe is ld.so
    const auto *path = reinterpret_cast<const char *>(libc::getauxval(AT_EXECFN));
    if (path) copy_text(path, out);
    return;
  }
  const long n = sys::call(SYS_readlinkat, AT_FDCWD, sys::arg("/proc/thread-self/exe"), sys::arg(out.data()),
                           static_cast<long>(out.size() - 1));
  if (sys::failed(n)) return;
  std::string_view path(out.data(), static_cast<size_t>(n));
  if (path.ends_with(" (deleted)")) path.remove_suffix(strlen(" (deleted)"));
  out[path.size()] = '\0';
}

void name_module(const Object &object, std::span<char> out) {
  if (object.start == libc::getauxval(AT_SYSINFO_EHDR)) {
    copy_text("[vdso]", out);
  } else if (is_program(object)) {
    name_program(out);
  } else {
    copy_text(object.name, out);
  }
}

elf::Image map_file(const char *path) {
  const int fd = sys::open(path, O_RDONLY | O_NONBLOCK);  // should a fifo have taken its place
  if (fd < 0) return {};
  elf::Image image;
  struct stat status = {};
  if (sys::call(SYS_fstat, fd, sys::arg(&status)) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    const long at = sys::call(SYS_mmap, 0, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (!sys::failed(at)) image = {reinterpret_cast<const char *>(at), static_cast<size_t>(status.st_size)};
  }
  sys::close(fd);
  return image;
}

void unmap_file(const elf::Image &image) {
  if (image.data) sys::call(SYS_munmap, sys::arg(image.data), static_cast<long>(image.size));
}

// Of several names for one address the one people know: puts, not _IO_puts; _exit, not _Exit.
bool is_better(const SymbolTable &table, const Sym &a, const Sym *b) {
  if (!b || a.st_value != b->st_value) return !b || a.st_value > b->st_value;
  const auto score = [&table](const Sym &symbol) {
    const size_t underscores = std::min(table.name(symbol).find_first_not_of('_'), size_t{9});
    const int binding = ELF64_ST_BIND(symbol.st_info);
    return underscores * 3 + (binding == STB_GLOBAL ? 0 : binding == STB_WEAK ? 1 : 2);
  };
  return score(a) < score(*b);
}

// One pass over the table for all the targets, which are sorted by address.
void match(const SymbolTable &table, std::span<Target> targets) {
  for (const Sym &symbol : table.symbols) {
    const uintptr_t start = symbol.st_value;
    if (start > targets.back().address || !table.is_code(symbol)) continue;
    auto target = std::lower_bound(targets.begin(), targets.end(), start,
                                   [](const Target &t, uintptr_t value) { return t.address < value; });
    if (is_better(table, symbol, target->nearest)) target->nearest = &symbol;
    for (; target != targets.end() && target->address - start < symbol.st_size; ++target) {
      if (is_better(table, symbol, target->holding)) target->holding = &symbol;
    }
  }
  for (size_t i = 1; i < targets.size(); ++i) {  // what is nearest to one may be so to the next
    const Sym *before = targets[i - 1].nearest;
    if (before && is_better(table, *before, targets[i].nearest)) targets[i].nearest = before;
  }
}

// Assembler code often leaves the size out. Not taken from .dynsym: what is not exported would bear the name
// of what happens to lie before it.
const Sym *best_of(const SymbolTable &table, const Target &target) {
  if (target.holding) return target.holding;
  const Sym *nearest = target.nearest;
  return nearest && nearest->st_size == 0 && table.same_section(*nearest, target.address) ? nearest : nullptr;
}

void name_from(const SymbolTable &table, std::span<Target> targets) {
  if (table.symbols.empty()) return;
  for (Target &target : targets) target.holding = target.nearest = nullptr;
  match(table, targets);
  for (Target &target : targets) {
    const Sym *symbol = best_of(table, target);
    if (!symbol || target.out->has_symbol) continue;
    const std::string_view name = table.name(*symbol);
    if (name.empty()) continue;
    demangle(name, target.out->name, sizeof target.out->name);
    target.out->plus = target.address + target.distance - symbol->st_value;
    target.out->has_symbol = true;
  }
}

bool name_from_file(const char *path, const Object &object, std::span<Target> targets) {
  const elf::Image file = map_file(path);
  if (!file.data) return false;
  bool ours = false;
  guarded([&] {
    ours = elf::is_file_of(file, object);
    if (ours) name_from(elf::symtab_of_file(file), targets);
  });
  unmap_file(file);
  return ours;
}

const Module *describe(const Object &object) {
  auto *module = static_cast<Module *>(map_pages(sizeof(Module)));
  if (module == nullptr) return nullptr;
  guarded([&] { name_module(object, module->path); });
  guarded([&] { print_build_id(object, module->build_id); });
  return module;
}

void name_targets(const Object &object, std::span<Target> targets) {
  const Module *module = describe(object);
  if (module == nullptr) return;
  for (Target &target : targets) target.out->module = module;
  std::sort(targets.begin(), targets.end(),
            [](const Target &a, const Target &b) { return a.address < b.address; });
  // The link is good for a deleted program too.
  bool read = is_program(object) && name_from_file("/proc/thread-self/exe", object, targets);
  if (!read && module->path[0] != '[') name_from_file(module->path, object, targets);
  const auto unnamed = [](const Target &target) { return !target.out->has_symbol; };
  if (std::any_of(targets.begin(), targets.end(), unnamed))
    guarded([&] { name_from(elf::dynsym_of_memory(object), targets); });
}

struct Waiting {
  Object object;
  bool named;
};

}  // namespace

void print_build_id(const Object &object, std::span<char> out) {
  const elf::BuildId id = elf::build_id_of_memory(object);
  size_t length = 0;
  for (size_t i = 0; i < id.size && length + 2 < out.size(); ++i) {
    out[length++] = "0123456789abcdef"[id.bytes[i] >> 4];
    out[length++] = "0123456789abcdef"[id.bytes[i] & 15];
  }
  out[length] = '\0';
}

void symbolize(const Frame *frames, size_t n, Symbol *out) {
  const size_t size = n * (sizeof(Waiting) + sizeof(Target));
  auto *waiting = static_cast<Waiting *>(n > 0 ? map_pages(size) : nullptr);
  if (waiting == nullptr) return;
  auto *targets = reinterpret_cast<Target *>(waiting + n);
  for (size_t i = 0; i < n; ++i) {
    out[i].module = nullptr;
    out[i].offset = frames[i].pc;
    out[i].has_symbol = false;
    waiting[i].named = !find_object(frames[i].pc - frames[i].is_return_address, &waiting[i].object);
    if (!waiting[i].named) out[i].offset -= waiting[i].object.bias;
  }
  for (size_t i = 0; i < n; ++i) {
    if (waiting[i].named) continue;
    size_t count = 0;
    for (size_t j = i; j < n; ++j) {
      if (waiting[j].named || waiting[j].object.start != waiting[i].object.start) continue;
      const uintptr_t distance = frames[j].is_return_address;
      targets[count++] = {.address = out[j].offset - distance, .distance = distance, .out = &out[j]};
      waiting[j].named = true;
    }
    name_targets(waiting[i].object, {targets, count});
  }
  unmap_pages(waiting, size);
}

namespace {

bool has_prefix(const Object &object, std::string_view prefix) {
  const char *slash = strrchr(object.name, '/');
  return std::string_view(slash ? slash + 1 : object.name).starts_with(prefix);
}

// Calls visit(object, symbol) for each exported symbol of that name until it returns true.
template <class Visit>
void any_export(std::string_view prefix, std::string_view name, Visit &&visit) {
  guarded([&] {
    any_object([&](const Object &object) {
      if (!has_prefix(object, prefix)) return false;
      elf::Named named(object, name);
      while (const Sym *symbol = named.next())
        if (symbol->st_shndx != SHN_UNDEF && visit(object, *symbol)) return true;
      return false;
    });
  });
}

}  // namespace

const void *find_symbol(std::string_view object_prefix, const char *name) {
  const void *volatile result = nullptr;
  any_export(object_prefix, name, [&](const Object &object, const Sym &symbol) {
    const int type = ELF64_ST_TYPE(symbol.st_info);
    if (type == STT_TLS || type == STT_GNU_IFUNC) return false;  // not where its thing is
    result = reinterpret_cast<const void *>(object.bias + symbol.st_value);
    return true;
  });
  return result;
}

const void *find_function(const char *name) {
  const void *volatile result = nullptr;
  any_export("", name, [&](const Object &object, const Sym &symbol) {
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC) return false;
    result = reinterpret_cast<const void *>(object.bias + symbol.st_value);
    return true;
  });
  if (result != nullptr) return result;
  any_object([&](const Object &object) {
    if (!is_program(object)) return false;
    const elf::Image file = map_file("/proc/thread-self/exe");
    guarded([&] {
      if (!file.data || !elf::is_file_of(file, object)) return;
      const SymbolTable table = elf::symtab_of_file(file);
      for (const Sym &symbol : table.symbols)
        if (table.has_name(symbol, name) && table.is_code(symbol))
          result = reinterpret_cast<const void *>(object.bias + symbol.st_value);
    });
    unmap_file(file);
    return true;
  });
  return result;
}

bool address_in_function(uintptr_t pc, std::string_view object_prefix, const char *name) {
  volatile bool result = false;
  any_export(object_prefix, name, [&](const Object &object, const Sym &symbol) {
    result = pc - object.bias - symbol.st_value < symbol.st_size;
    return bool{result};
  });
  return result;
}

}  // namespace axshim
