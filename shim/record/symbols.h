// Names addresses: module, offset, function, build id.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <span>
#include <string_view>

#include "base/objects.h"
#include "record/backtrace.h"

namespace axshim {

struct Module {
  char path[1024];    // or "[vdso]"
  char build_id[65];  // hexadecimal, empty where the module has none
};

struct Symbol {
  const Module *module;  // null for generated code and wild pointers
  uintptr_t offset;      // pc - load bias; the pc itself where there is no module
  bool has_symbol;       // name and plus mean something
  char name[512];        // demangled; cut names end in "..."
  uintptr_t plus;        // pc - start of the function
  // Where a sink wrote it first, to be copied from there.
  mutable size_t written_at;
  mutable size_t written_size;
};

// Hexadecimal, and empty where the object has none. Reads the object, which may fault. Signal-safe.
void print_build_id(const Object &object, std::span<char> out);

// Names n frames; each file is opened once and its symbols are read once. Memory comes from fresh pages. What
// faults (a file replaced or cut under us) costs a name only, where a FaultGuard lives. Wants 200 KiB of
// stack for demangling. Signal-safe.
void symbolize(const Frame *frames, size_t n, Symbol *out);

// The address of an exported function or variable of the first loaded object whose base name starts with
// `object_prefix` and that has it ("" is any object: the program comes first), or nullptr. Signal-safe.
const void *find_symbol(std::string_view object_prefix, const char *name);

// The function of that name in the program, exported or not, or exported by a library; nullptr where there is
// none. Signal-safe.
const void *find_function(const char *name);

// Whether pc lies in the exported function `name` of such an object. Signal-safe.
bool address_in_function(uintptr_t pc, std::string_view object_prefix, const char *name);

}  // namespace axshim
