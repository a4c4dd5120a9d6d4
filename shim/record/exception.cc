#include "record/exception.h"

#include <string.h>

#include "record/demangle.h"
#include "record/symbols.h"

namespace axshim {
namespace {

bool was_terminated(const Cause &cause) {
  Frame frames[16];
  const size_t count = unwind(cause.context, frames, 16);
  for (size_t i = 0; i < count; ++i)
    if (address_in_function(frames[i].pc - frames[i].is_return_address, "", "_ZSt9terminatev")) return true;
  return false;
}

constexpr size_t kNameSize = 1024;

struct TypeInfo {  // of the Itanium C++ ABI
  const void *vtable;
  const char *name;
};

}  // namespace

void append_current_exception(Text &out) {
  const auto current_type = reinterpret_cast<const TypeInfo *(*)()>(
      const_cast<void *>(find_symbol("", "__cxa_current_exception_type")));
  const TypeInfo *type = current_type != nullptr ? current_type() : nullptr;
  if (type == nullptr) return;
  // Its mangled name is that of the type_info object without the prefix _ZTI, and reads back with these
  // words.
  constexpr std::string_view kWords = "typeinfo for ";
  char mangled[kNameSize], name[kNameSize];
  Text(mangled) << "_ZTI" << (type->name[0] == '*' ? type->name + 1 : type->name);
  demangle(mangled, name, sizeof name);
  const std::string_view readable = name;
  out << (readable.starts_with(kWords) ? readable.substr(kWords.size()) : readable);
}

void append_ending_exception(const Cause &cause, Text &out) {
  if (was_terminated(cause)) append_current_exception(out);
}

}  // namespace axshim
