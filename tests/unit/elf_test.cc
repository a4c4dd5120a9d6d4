#include "base/elf.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <string.h>
#include <sys/mman.h>

#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace axshim::elf {
namespace {

__attribute__((noinline)) int nobody_exports_me() {
  asm volatile("");
  return 1;
}

Object own_object() {
  Object object = {};
  EXPECT_TRUE(find_object(reinterpret_cast<uintptr_t>(&nobody_exports_me), &object));
  return object;
}

// The test program itself, in memory that ends where the image ends, so that a sanitizer sees a read beyond.
std::vector<char> own_file() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const Sym *find(const SymbolTable &table, std::string_view part) {
  for (const Sym &symbol : table.symbols) {
    if (table.is_code(symbol) && table.name(symbol).find(part) != std::string_view::npos) return &symbol;
  }
  return nullptr;
}

// All that there is to read; what counts is that it returns.
size_t read_everything(const Image &image, const Object &object) {
  size_t seen = program_headers(image).size() + build_id_of_file(image).size + is_file_of(image, object);
  const SymbolTable table = symtab_of_file(image);
  for (const Sym &symbol : table.symbols) {
    seen += table.name(symbol).size() + table.is_code(symbol) + table.same_section(symbol, symbol.st_value);
  }
  return seen;
}

// A file of 400 bytes with everything in it, small enough to be tried at every length.
std::vector<char> small_file() {
  std::vector<char> file(64 + 56 + 24 + 48 + 16 + 3 * 64);
  ElfW(Ehdr) header = {};
  memcpy(header.e_ident, reinterpret_cast<const void *>(own_object().start), EI_NIDENT);
  header.e_machine = reinterpret_cast<const ElfW(Ehdr) *>(own_object().start)->e_machine;
  header.e_phoff = 64;
  header.e_phentsize = sizeof(Phdr);
  header.e_phnum = 1;
  header.e_shoff = 208;
  header.e_shentsize = sizeof(Shdr);
  header.e_shnum = 3;
  Phdr note = {};
  note.p_type = PT_NOTE;
  note.p_offset = 120;
  note.p_filesz = 24;
  note.p_align = 4;
  const uint32_t id[] = {4, 8, NT_GNU_BUILD_ID, 0x554e47, 0x01234567, 0x89abcdef};
  Sym symbols[2] = {};
  symbols[1].st_name = 1;
  symbols[1].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
  symbols[1].st_shndx = 2;
  Shdr sections[3] = {};
  sections[1].sh_type = SHT_SYMTAB;
  sections[1].sh_link = 2;
  sections[1].sh_offset = 144;
  sections[1].sh_size = sizeof symbols;
  sections[2].sh_type = SHT_STRTAB;
  sections[2].sh_offset = 192;
  sections[2].sh_size = 16;
  memcpy(file.data(), &header, sizeof header);
  memcpy(&file[64], &note, sizeof note);
  memcpy(&file[120], id, sizeof id);
  memcpy(&file[144], symbols, sizeof symbols);
  memcpy(&file[193], "function", 8);
  memcpy(&file[208], sections, sizeof sections);
  return file;
}

TEST(Objects, FindsTheOneThatHoldsAnAddress) {
  const Object object = own_object();
  EXPECT_STREQ(object.name, "");
  EXPECT_EQ(memcmp(reinterpret_cast<const void *>(object.start), ELFMAG, SELFMAG), 0);
  Object none;
  EXPECT_FALSE(find_object(0, &none));
  EXPECT_FALSE(find_object(1, &none));
}

TEST(Objects, AreVisitedFromTheProgramOn) {
  std::vector<std::string> names;
  any_object([&](const Object &object) {
    names.emplace_back(object.name);
    return false;
  });
  ASSERT_GE(names.size(), 3u);
  EXPECT_EQ(names.front(), "");
  EXPECT_NE(std::find_if(names.begin(), names.end(), [](auto &n) { return n.find("libc.so") != n.npos; }),
            names.end());
}

TEST(Elf, FindsAStaticFunctionInTheFile) {
  const std::vector<char> file = own_file();
  const SymbolTable table = symtab_of_file({file.data(), file.size()});
  const Sym *symbol = find(table, "nobody_exports_me");
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(own_object().bias + symbol->st_value, reinterpret_cast<uintptr_t>(&nobody_exports_me));
  EXPECT_TRUE(table.same_section(*symbol, symbol->st_value));
  EXPECT_EQ(find(dynsym_of_memory(own_object()), "nobody_exports_me"), nullptr);
}

TEST(Elf, FindsAnExportInMemory) {
  Object libc;
  ASSERT_TRUE(find_object(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "qsort")), &libc));
  const SymbolTable table = dynsym_of_memory(libc);
  const Sym *symbol = find(table, "qsort_r");
  ASSERT_NE(symbol, nullptr);
  EXPECT_EQ(reinterpret_cast<void *>(libc.bias + symbol->st_value), dlsym(RTLD_DEFAULT, "qsort_r"));
}

// Each name of libc's, by its hash table, with all its versions.
TEST(Elf, FindsTheSameExportsByNameAsOneByOne) {
  Object libc;
  ASSERT_TRUE(find_object(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "qsort")), &libc));
  const SymbolTable table = dynsym_of_memory(libc);
  std::map<std::string_view, std::vector<const Sym *>> exports;
  for (const Sym &symbol : table.symbols)
    if (symbol.st_shndx != SHN_UNDEF) exports[table.name(symbol)].push_back(&symbol);
  ASSERT_GT(exports.size(), 2000u);
  for (const auto &[name, expected] : exports) {
    std::vector<const Sym *> found;
    for (Named named(libc, name); const Sym *symbol = named.next();) found.push_back(symbol);
    EXPECT_EQ(found, expected) << name;
  }
  for (const char *name : {"", "qsor", "qsort_", "nobody_exports_me"})
    EXPECT_EQ(Named(libc, name).next(), nullptr) << name;
}

// In a program with a million exports a look at each took 60 ms. All symbols but the one lie where they can't
// be read: to go through the table would be to crash.
TEST(Elf, FindsAnExportByNameWithoutALookAtTheOthers) {
  constexpr size_t kHidden = 4096 / sizeof(Sym) * 64;  // in whole pages
  struct Pages {
    alignas(4096) ElfW(Dyn) dynamic[5];
    uint32_t hash[4 + 2 + 1 + kHidden + 1];  // a bloom word of two halves, a bucket, the chain
    char strings[16];
    alignas(4096) Sym symbols[kHidden + 1];
  };
  void *memory = mmap(nullptr, sizeof(Pages), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto *pages = static_cast<Pages *>(memory);
  const auto set = [&](int i, int64_t tag, uint64_t value) { pages->dynamic[i] = {tag, {value}}; };
  set(0, DT_SYMTAB, reinterpret_cast<uintptr_t>(pages->symbols));
  set(1, DT_STRTAB, reinterpret_cast<uintptr_t>(pages->strings));
  set(2, DT_STRSZ, sizeof pages->strings);
  set(3, DT_GNU_HASH, reinterpret_cast<uintptr_t>(pages->hash));
  memcpy(&pages->strings[1], "wanted", 7);
  uint32_t hash = 5381;
  for (const char c : std::string("wanted")) hash = hash * 33 + static_cast<unsigned char>(c);
  const uint32_t header[] = {1, 1, 1, 0, 0, 0, 1};
  memcpy(pages->hash, header, sizeof header);
  pages->hash[std::size(header) + kHidden - 1] = hash | 1;  // of the last symbol, number kHidden
  pages->symbols[kHidden] = {};
  pages->symbols[kHidden].st_name = 1;
  pages->symbols[kHidden].st_shndx = 1;
  ASSERT_EQ(mprotect(pages->symbols, kHidden * sizeof(Sym) / 4096 * 4096, PROT_NONE), 0);
  Object object = {};
  object.start = reinterpret_cast<uintptr_t>(memory);
  object.end = object.start + sizeof(Pages);
  object.dynamic = pages->dynamic;
  EXPECT_EQ(Named(object, "wanted").next(), &pages->symbols[kHidden]);
  munmap(memory, sizeof(Pages));
}

TEST(Elf, KnowsTheFileOfAnObject) {
  const std::vector<char> file = own_file();
  const Image image = {file.data(), file.size()};
  EXPECT_TRUE(is_file_of(image, own_object()));
  EXPECT_TRUE(build_id_of_file(image) == build_id_of_memory(own_object()));
  Object libc;
  ASSERT_TRUE(find_object(reinterpret_cast<uintptr_t>(dlsym(RTLD_DEFAULT, "qsort")), &libc));
  EXPECT_FALSE(is_file_of(image, libc));
}

TEST(Elf, SurvivesAFileCutAtEveryLength) {
  const std::vector<char> whole = small_file();
  ASSERT_EQ(symtab_of_file({whole.data(), whole.size()}).symbols.size(), 2u);
  ASSERT_EQ(build_id_of_file({whole.data(), whole.size()}).size, 8u);
  for (size_t length = 0; length < whole.size(); ++length) {
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
    read_everything({cut.data(), cut.size()}, own_object());
    EXPECT_TRUE(symtab_of_file({cut.data(), cut.size()}).symbols.empty()) << length;
  }
}

TEST(Elf, SurvivesRandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 200'000; ++round) {
    std::vector<char> file = small_file();
    for (int i = 0; i < 3; ++i)
      file[random() % file.size()] = static_cast<char>(random() % 3 ? 255 : random());
    read_everything({file.data(), file.size()}, own_object());
  }
}

TEST(Elf, SurvivesAProgramCutShort) {
  const std::vector<char> whole = own_file();
  for (size_t length = 0; length < whole.size(); length += whole.size() / 61) {
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
    read_everything({cut.data(), cut.size()}, own_object());
  }
}

}  // namespace
}  // namespace axshim::elf
