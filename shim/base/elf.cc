#include "base/elf.h"

#include <elf.h>
#include <string.h>

#include <algorithm>

namespace axshim::elf {
namespace {

#if defined(__x86_64__)
constexpr int kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr int kMachine = EM_AARCH64;
#endif

using Ehdr = ElfW(Ehdr);
using Nhdr = ElfW(Nhdr);

const Ehdr *header_of(const Image &image) {
  const auto *header = image.at<Ehdr>(0);
  if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return nullptr;
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) return nullptr;
  return header->e_machine == kMachine ? header : nullptr;
}

BuildId build_id_in(const Image &image, uint64_t offset, uint64_t size, uint64_t align) {
  BuildId id;
  const uint64_t end = offset + size;
  if (end < offset || !image.at<char>(offset, size)) return id;
  if (align != 8) align = 4;
  while (end - offset >= sizeof(Nhdr)) {
    const auto *note = image.at<Nhdr>(offset);
    if (!note) break;
    const uint64_t name = offset + sizeof(Nhdr);
    const uint64_t content = (name + note->n_namesz + align - 1) & ~(align - 1);
    const uint64_t next = (content + note->n_descsz + align - 1) & ~(align - 1);
    if (content + note->n_descsz > end) break;
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(image.data + name, "GNU", 4) == 0) {
      id.size = std::min<size_t>(note->n_descsz, sizeof id.bytes);
      memcpy(id.bytes, image.data + content, id.size);
      break;
    }
    if (next > end) break;
    offset = next;
  }
  return id;
}

// Where the dynamic section's entry points. The loader has relocated it, except in the vdso.
const char *pointer_of(const Object &object, uint64_t value) {
  if (value < object.start || value >= object.end) value += object.bias;
  return value < object.start || value >= object.end ? nullptr : reinterpret_cast<const char *>(value);
}

// The number of symbols is written nowhere: it is one more than the last that the hash table reaches.
size_t count_by_gnu_hash(const Image &image, uint64_t table) {
  const auto *header = image.at<uint32_t>(table, 4);  // buckets, first symbol, bloom words, shift
  if (!header) return 0;
  const uint64_t buckets_at = table + 16 + uint64_t{header[2]} * sizeof(ElfW(Addr));
  const auto *buckets = image.at<uint32_t>(buckets_at, header[0]);
  if (!buckets) return 0;
  uint32_t last = 0;
  for (uint32_t i = 0; i < header[0]; ++i) last = std::max(last, buckets[i]);
  if (last < header[1]) return header[1];
  const uint64_t chains_at = buckets_at + uint64_t{header[0]} * 4;
  for (;; ++last) {
    const auto *chain = image.at<uint32_t>(chains_at + uint64_t{last - header[1]} * 4);
    if (!chain) return 0;
    if (*chain & 1) return size_t{last} + 1;
  }
}

size_t count_by_hash(const Image &image, uint64_t table) {
  const auto *header = image.at<uint32_t>(table, 2);  // buckets, chains
  return header ? header[1] : 0;
}

// What the dynamic section says of the symbols; null where it says nothing.
struct Dynamic {
  const char *symbols = nullptr, *strings = nullptr, *hash = nullptr, *gnu_hash = nullptr;
  size_t string_size = 0;
};

Dynamic dynamic_of(const Object &object) {
  Dynamic found;
  const auto *end = reinterpret_cast<const ElfW(Dyn) *>(object.end);
  for (const auto *entry = object.dynamic; entry && entry + 1 <= end && entry->d_tag != DT_NULL; ++entry) {
    const uint64_t value = entry->d_un.d_ptr;
    if (entry->d_tag == DT_SYMTAB) found.symbols = pointer_of(object, value);
    if (entry->d_tag == DT_STRTAB) found.strings = pointer_of(object, value);
    if (entry->d_tag == DT_STRSZ) found.string_size = value;
    if (entry->d_tag == DT_HASH) found.hash = pointer_of(object, value);
    if (entry->d_tag == DT_GNU_HASH) found.gnu_hash = pointer_of(object, value);
  }
  return found;
}

}  // namespace

bool operator==(const BuildId &a, const BuildId &b) {
  return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

std::string_view SymbolTable::name(const Sym &symbol) const {
  if (symbol.st_name >= strings.size()) return {};
  const std::string_view rest = strings.substr(symbol.st_name);
  const void *end = memchr(rest.data(), '\0', rest.size());
  return end ? rest.substr(0, static_cast<const char *>(end) - rest.data()) : std::string_view{};
}

bool SymbolTable::has_name(const Sym &symbol, std::string_view wanted) const {
  if (symbol.st_name >= strings.size()) return false;
  const std::string_view rest = strings.substr(symbol.st_name);
  return rest.size() > wanted.size() && rest.starts_with(wanted) && rest[wanted.size()] == '\0';
}

bool SymbolTable::is_code(const Sym &symbol) const {
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_name == 0) return false;
  const int type = ELF64_ST_TYPE(symbol.st_info);
  if (type == STT_FUNC || type == STT_GNU_IFUNC) return true;
  if (type != STT_NOTYPE) return false;
  if (!sections.empty()) {
    if (symbol.st_shndx >= sections.size()) return false;
    if (!(sections[symbol.st_shndx].sh_flags & SHF_EXECINSTR)) return false;
  }
  const std::string_view label =
      name(symbol);  // $x and $d mark code and data on arm, .L is the compiler's own
  return !label.starts_with('$') && !label.starts_with(".L");
}

bool SymbolTable::same_section(const Sym &symbol, uintptr_t address) const {
  if (symbol.st_shndx >= sections.size()) return false;
  const Shdr &section = sections[symbol.st_shndx];
  return address >= section.sh_addr && address - section.sh_addr < section.sh_size;
}

Image memory_image(const Object &object) {
  return {reinterpret_cast<const char *>(object.start), object.end - object.start};
}

std::span<const Phdr> program_headers(const Image &image) {
  const Ehdr *header = header_of(image);
  if (!header || header->e_phentsize != sizeof(Phdr)) return {};
  const auto *first = image.at<Phdr>(header->e_phoff, header->e_phnum);
  return first ? std::span(first, header->e_phnum) : std::span<const Phdr>();
}

BuildId build_id_of_file(const Image &file) {
  for (const Phdr &segment : program_headers(file)) {
    if (segment.p_type != PT_NOTE) continue;
    const BuildId id = build_id_in(file, segment.p_offset, segment.p_filesz, segment.p_align);
    if (id.size != 0) return id;
  }
  return {};
}

BuildId build_id_of_memory(const Object &object) {
  const Image image = memory_image(object);
  for (const Phdr &segment : program_headers(image)) {
    if (segment.p_type != PT_NOTE) continue;
    const uint64_t offset = object.bias + segment.p_vaddr - object.start;
    const BuildId id = build_id_in(image, offset, segment.p_filesz, segment.p_align);
    if (id.size != 0) return id;
  }
  return {};
}

bool is_file_of(const Image &file, const Object &object) {
  const Image memory = memory_image(object);
  if (!header_of(file) || !header_of(memory)) return false;
  const BuildId wanted = build_id_of_memory(object);
  if (wanted.size != 0) return build_id_of_file(file) == wanted;
  // Without a build id, the same headers: they hold the size of everything that is loaded and where the rest
  // is.
  const std::span<const Phdr> a = program_headers(file), b = program_headers(memory);
  return memcmp(file.data, memory.data, sizeof(Ehdr)) == 0 && !a.empty() && a.size() == b.size() &&
         memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

SymbolTable symtab_of_file(const Image &file) {
  const Ehdr *header = header_of(file);
  if (!header || header->e_shoff == 0 || header->e_shentsize != sizeof(Shdr)) return {};
  const auto *first = file.at<Shdr>(header->e_shoff);
  if (!first) return {};
  const uint64_t count = header->e_shnum != 0 ? header->e_shnum : first->sh_size;
  if (!file.at<Shdr>(header->e_shoff, count)) return {};
  const std::span<const Shdr> sections(first, count);
  for (const Shdr &section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= count) continue;
    const Shdr &names = sections[section.sh_link];
    const uint64_t symbols = section.sh_size / sizeof(Sym);
    const auto *symbol = file.at<Sym>(section.sh_offset, symbols);
    const char *strings = file.at<char>(names.sh_offset, names.sh_size);
    if (!symbol || !strings || names.sh_type != SHT_STRTAB) return {};
    return {{symbol, symbols}, sections, {strings, names.sh_size}};
  }
  return {};
}

SymbolTable dynsym_of_memory(const Object &object) {
  const Dynamic found = dynamic_of(object);
  if (!found.symbols || !found.strings || (!found.hash && !found.gnu_hash)) return {};
  const Image image = memory_image(object);
  const size_t count = found.gnu_hash ? count_by_gnu_hash(image, found.gnu_hash - image.data)
                                      : count_by_hash(image, found.hash - image.data);
  const auto *first = image.at<Sym>(found.symbols - image.data, count);
  if (!first || !image.at<char>(found.strings - image.data, found.string_size)) return {};
  return {{first, count}, {}, {found.strings, found.string_size}};
}

Named::Named(const Object &object, std::string_view name) : name_(name), image_(memory_image(object)) {
  const Dynamic found = dynamic_of(object);
  if (!found.gnu_hash) {
    table_ = dynsym_of_memory(object);
    return;
  }
  has_hash_ = is_over_ = true;
  const uint64_t table = found.gnu_hash - image_.data;
  const auto *header = image_.at<uint32_t>(table, 4);  // buckets, first symbol, bloom words, shift
  if (!found.symbols || !found.strings || !header || header[0] == 0 ||
      !image_.at<char>(found.strings - image_.data, found.string_size))
    return;
  table_.strings = {found.strings, found.string_size};
  hash_ = 5381;
  for (const char c : name) hash_ = hash_ * 33 + static_cast<unsigned char>(c);
  const uint64_t buckets_at = table + 16 + uint64_t{header[2]} * sizeof(ElfW(Addr));
  const auto *bucket = image_.at<uint32_t>(buckets_at + uint64_t{hash_ % header[0]} * 4);
  if (!bucket || *bucket < header[1]) return;  // an empty one holds 0
  index_ = *bucket;
  symbols_at_ = found.symbols - image_.data;
  chain_at_ = buckets_at + uint64_t{header[0]} * 4 - uint64_t{header[1]} * 4;
  is_over_ = false;
}

const Sym *Named::next() {
  if (!has_hash_) {
    while (index_ < table_.symbols.size()) {
      const Sym &symbol = table_.symbols[index_++];
      if (table_.has_name(symbol, name_)) return &symbol;
    }
    return nullptr;
  }
  while (!is_over_) {
    const auto *link = image_.at<uint32_t>(chain_at_ + uint64_t{index_} * 4);
    const auto *symbol = image_.at<Sym>(symbols_at_ + uint64_t{index_} * sizeof(Sym));
    ++index_;
    is_over_ = !link || !symbol || (*link & 1) != 0;
    if (link && symbol && (*link | 1) == (hash_ | 1) && table_.has_name(*symbol, name_)) return symbol;
  }
  return nullptr;
}

}  // namespace axshim::elf
