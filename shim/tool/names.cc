#include "tool/names.h"

#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "record/demangle.h"

namespace axshim::tool {
namespace {

constexpr uint64_t kApart = uint64_t{1} << 36;  // more than any object takes

std::string hexadecimal(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string base_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

std::string demangled(const char *name) {
  char text[4096];
  demangle(name, text, sizeof text);
  return text;
}

// Separate debug files are found by build id.
const Dwfl_Callbacks kCallbacks = {.find_elf = dwfl_linux_proc_find_elf,
                                   .find_debuginfo = dwfl_standard_find_debuginfo,
                                   .section_address = dwfl_offline_section_address,
                                   .debuginfo_path = nullptr};

}  // namespace

Names::Names() : dwfl_(dwfl_begin(&kCallbacks), dwfl_end) {}
Names::~Names() = default;

Dwfl_Module *Names::module_of(const Place &place) {
  if (place.module.empty() || dwfl_ == nullptr) return nullptr;
  const auto [found, is_new] = modules_.try_emplace(place.module + '\n' + place.build_id, nullptr);
  if (!is_new) return found->second;
  struct stat status;  // a path in a foreign record may be that of a pipe
  if (stat(place.module.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  dwfl_report_begin_add(dwfl_.get());
  Dwfl_Module *module =
      dwfl_report_elf(dwfl_.get(), place.module.c_str(), place.module.c_str(), -1, next_, false);
  dwfl_report_end(dwfl_.get(), nullptr, nullptr);
  next_ += kApart;
  if (module == nullptr) return nullptr;
  GElf_Addr bias;
  dwfl_module_getelf(module, &bias);
  const unsigned char *id = nullptr;
  GElf_Addr where;
  const int size = dwfl_module_build_id(module, &id, &where);
  std::string text;
  for (int i = 0; i < size; ++i) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", id[i]);
    text += digits;
  }
  if (text == place.build_id) found->second = module;  // else another file took its place
  return found->second;
}

std::optional<NamedPlace> Names::find(const Place &place) {
  Dwfl_Module *module = module_of(place);
  if (module == nullptr) return std::nullopt;
  GElf_Addr bias;
  dwfl_module_getelf(module, &bias);
  GElf_Off offset;
  GElf_Sym symbol;
  const char *name =
      dwfl_module_addrinfo(module, place.offset + bias, &offset, &symbol, nullptr, nullptr, nullptr);
  if (name == nullptr) return std::nullopt;
  return NamedPlace{demangled(name), offset};
}

std::string Names::of(const Place &place) {
  if (const std::optional<NamedPlace> found = find(place))
    return found->plus == 0 ? found->function : found->function + '+' + hexadecimal(found->plus);
  return place.module.empty() ? hexadecimal(place.offset)
                              : base_name(place.module) + '+' + hexadecimal(place.offset);
}

std::string Names::line_of(const Place &place) {
  Dwfl_Module *module = module_of(place);
  if (module == nullptr) return "";
  GElf_Addr bias;
  dwfl_module_getelf(module, &bias);
  Dwfl_Line *line = dwfl_module_getsrc(module, place.offset + bias);
  int number = 0;
  const char *file =
      line != nullptr ? dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr) : nullptr;
  return file != nullptr ? base_name(file) + ':' + std::to_string(number) : "";
}

}  // namespace axshim::tool
