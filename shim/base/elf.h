// Reads ELF: a file that may be cut or hostile, or an object in memory. Nothing is believed before it is
// checked against the image's size; a file that shrinks while it is read still faults, so callers use
// guarded().
#pragma once

#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include <span>
#include <string_view>

#include "base/objects.h"

namespace axshim::elf {

using Sym = ElfW(Sym);
using Shdr = ElfW(Shdr);
using Phdr = ElfW(Phdr);

// Bytes of which any stretch can be asked for.
struct Image {
  const char *data = nullptr;
  size_t size = 0;

  // `count` Ts at `offset`, or nullptr where they are not wholly inside, or misaligned. Signal-safe.
  template <class T>
  const T *at(uint64_t offset, uint64_t count = 1) const {
    if (offset > size || count > (size - offset) / sizeof(T)) return nullptr;
    const char *place = data + offset;
    return reinterpret_cast<uintptr_t>(place) % alignof(T) ? nullptr : reinterpret_cast<const T *>(place);
  }
};

struct BuildId {
  unsigned char bytes[32];
  size_t size = 0;  // 0: the image has none
};
bool operator==(const BuildId &a, const BuildId &b);

struct SymbolTable {
  std::span<const Sym> symbols;
  std::span<const Shdr> sections;  // empty for one in memory
  std::string_view strings;

  // Empty where the name is not inside the string table. Signal-safe.
  std::string_view name(const Sym &symbol) const;
  // As name(symbol) == wanted, without a search for its end. Signal-safe.
  bool has_name(const Sym &symbol, std::string_view wanted) const;
  // A defined function, or a label in assembler code. Signal-safe.
  bool is_code(const Sym &symbol) const;
  // `address` lies in the section of `symbol`; false where the sections are not known. Signal-safe.
  bool same_section(const Sym &symbol, uintptr_t address) const;
};

// An object's mapping as an image: offsets count from its start. Signal-safe.
Image memory_image(const Object &object);

// Empty if the image has no ELF header of this machine's kind. Signal-safe.
std::span<const Phdr> program_headers(const Image &image);

// Signal-safe.
BuildId build_id_of_file(const Image &file);
BuildId build_id_of_memory(const Object &object);

// Whether `file` is what `object` was loaded from. Signal-safe.
bool is_file_of(const Image &file, const Object &object);

// .symtab; empty where the file is stripped. Signal-safe.
SymbolTable symtab_of_file(const Image &file);

// .dynsym, the exported names. Signal-safe.
SymbolTable dynsym_of_memory(const Object &object);

// Those of a name in .dynsym, in its order: by the hash table, which does not look at the others, where the
// object has a GNU one.
class Named {
 public:
  // Signal-safe.
  Named(const Object &object, std::string_view name);
  // nullptr: there is no further one. Signal-safe.
  const Sym *next();

 private:
  const std::string_view name_;
  Image image_;
  SymbolTable table_;
  uint32_t hash_ = 0;
  uint64_t symbols_at_ = 0, chain_at_ = 0;  // of the symbol 0, as it were
  bool has_hash_ = false, is_over_ = false;
  size_t index_ = 0;  // of the next to be looked at
};

}  // namespace axshim::elf
