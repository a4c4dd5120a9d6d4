#include "tool/program_file.h"

#include <fcntl.h>
#include <gelf.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "tool/directory.h"

namespace axshim::tool {
namespace {

[[noreturn]] void refuse(const char *why) { throw std::runtime_error(why); }

class Reader {
 public:
  explicit Reader(const std::string &path)
      : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), elf_(nullptr, elf_end) {
    struct stat status;
    if (file_.get() < 0 || fstat(file_.get(), &status) != 0)
      throw std::runtime_error("it can't be read: " + std::generic_category().message(errno));
    size_ = static_cast<uint64_t>(status.st_size);
    elf_version(EV_CURRENT);
    elf_.reset(elf_begin(file_.get(), ELF_C_READ, nullptr));  // no mapping: a file that shrinks is a SIGBUS
    if (elf_ == nullptr || elf_kind(elf_.get()) != ELF_K_ELF || gelf_getehdr(elf_.get(), &header_) == nullptr)
      refuse("it is damaged: its ELF header can't be read");
  }

  ProgramFile read() {
    result_.type = header_.e_type;
    result_.machine = header_.e_machine;
    result_.bits = gelf_getclass(elf_.get()) == ELFCLASS64 ? 64 : 32;
    read_segments();
    read_sections();
    return std::move(result_);
  }

 private:
  // As the kernel and the loader see the file.
  void read_segments() {
    size_t count;
    // libelf leaves out those that are not in the file.
    if (elf_getphdrnum(elf_.get(), &count) != 0 || count < header_.e_phnum)
      refuse("it is damaged: its program headers can't be read");
    std::optional<GElf_Phdr> dynamic, loader;
    for (size_t i = 0; i < count; ++i) {
      GElf_Phdr segment;
      if (gelf_getphdr(elf_.get(), static_cast<int>(i), &segment) == nullptr)
        refuse("it is damaged: its program headers can't be read");
      if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC && segment.p_type != PT_INTERP) continue;
      if (segment.p_offset > size_ || segment.p_filesz > size_ - segment.p_offset)
        refuse("it is damaged: the file is shorter than its program headers say");
      if (segment.p_type == PT_LOAD) loaded_.push_back(segment);
      if (segment.p_type == PT_DYNAMIC) dynamic = segment;
      if (segment.p_type == PT_INTERP) loader = segment;
    }
    if (loader) result_.loader = text_at(loader->p_offset, loader->p_filesz);
    result_.is_dynamic = dynamic.has_value();
    if (dynamic) read_dynamic(*dynamic);
  }

  void read_dynamic(const GElf_Phdr &segment) {
    Elf_Data *data =
        elf_getdata_rawchunk(elf_.get(), static_cast<int64_t>(segment.p_offset), segment.p_filesz, ELF_T_DYN);
    std::vector<uint64_t> names;
    uint64_t strings = 0;
    GElf_Dyn entry;
    for (int i = 0; data != nullptr && gelf_getdyn(data, i, &entry) != nullptr && entry.d_tag != DT_NULL;
         ++i) {
      if (entry.d_tag == DT_NEEDED) names.push_back(entry.d_un.d_val);
      if (entry.d_tag == DT_FLAGS_1) result_.is_pie = (entry.d_un.d_val & DF_1_PIE) != 0;
      if (entry.d_tag == DT_STRTAB) strings = offset_of(entry.d_un.d_ptr);
    }
    for (const uint64_t name : names)
      if (strings != 0 && name < size_) result_.libraries.push_back(text_at(strings + name, 4096));
  }

  // In the file; 0 where the address is not in it.
  uint64_t offset_of(uint64_t address) const {
    for (const GElf_Phdr &segment : loaded_)
      if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
        return segment.p_offset + (address - segment.p_vaddr);
    return 0;
  }

  // Up to its null byte.
  std::string text_at(uint64_t offset, uint64_t most) const {
    if (offset >= size_) return "";
    const uint64_t size = std::min({most, size_ - offset, uint64_t{4096}});
    const Elf_Data *data = elf_getdata_rawchunk(elf_.get(), static_cast<int64_t>(offset), size, ELF_T_BYTE);
    if (data == nullptr || data->d_buf == nullptr) return "";
    const std::string text(static_cast<const char *>(data->d_buf), data->d_size);
    return text.substr(0, text.find('\0'));
  }

  // For debuggers: a program runs without them.
  void read_sections() {
    size_t names;
    if (elf_getshdrstrndx(elf_.get(), &names) != 0) return;
    Elf_Scn *section = nullptr;
    while ((section = elf_nextscn(elf_.get(), section)) != nullptr) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr) continue;
      const char *text = elf_strptr(elf_.get(), names, header.sh_name);
      const std::string name = text != nullptr ? text : "";
      if (name == ".go.buildinfo" || name == ".note.go.buildid") result_.is_go = true;
      if (header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB) read_symbols(section, header);
    }
  }

  void read_symbols(Elf_Scn *section, const GElf_Shdr &header) {
    Elf_Data *data = elf_getdata(section, nullptr);
    const size_t size = gelf_fsize(elf_.get(), ELF_T_SYM, 1, EV_CURRENT);
    if (data == nullptr || data->d_size < size) return;
    if (header.sh_type == SHT_DYNSYM) result_.has_symbols = true;
    for (size_t i = 1; i < data->d_size / size; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) return;
      const char *name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
      if (name == nullptr) continue;
      const std::string_view text = name;
      if (symbol.st_shndx != SHN_UNDEF)
        result_.has_sanitizer |= text == "__asan_init" || text == "__tsan_init" || text == "__msan_init";
      else if (header.sh_type == SHT_DYNSYM)
        result_.imports.insert(name);
    }
  }

  Descriptor file_;
  std::unique_ptr<Elf, int (*)(Elf *)> elf_;
  GElf_Ehdr header_;
  uint64_t size_;
  std::vector<GElf_Phdr> loaded_;
  ProgramFile result_;
};

}  // namespace

ProgramFile read_program(const std::string &path) { return Reader(path).read(); }

std::string architecture(const ProgramFile &program) {
  static const std::map<int, const char *> kNames = {
      {EM_386, "x86"},      {EM_X86_64, "x86-64"},      {EM_ARM, "ARM"},       {EM_AARCH64, "ARM"},
      {EM_RISCV, "RISC-V"}, {EM_PPC, "PowerPC"},        {EM_PPC64, "PowerPC"}, {EM_S390, "S/390"},
      {EM_MIPS, "MIPS"},    {EM_LOONGARCH, "LoongArch"}};
  const auto found = kNames.find(program.machine);
  return std::to_string(program.bits) + "-bit " +
         (found != kNames.end() ? found->second : "machine " + std::to_string(program.machine));
}

}  // namespace axshim::tool
