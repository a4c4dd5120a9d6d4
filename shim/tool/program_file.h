// What a program's ELF file tells of how it will be started and what it calls. The file may be cut, damaged
// or made by an enemy.
#pragma once

#include <stdint.h>

#include <set>
#include <string>
#include <vector>

namespace axshim::tool {

struct ProgramFile {
  int type = 0;     // ET_EXEC…
  int machine = 0;  // EM_X86_64…
  int bits = 0;
  bool is_dynamic = false;
  bool is_pie = false;  // of ET_DYN: it says that it is a program
  std::string loader;   // path; empty where it has none
  std::vector<std::string> libraries;
  bool has_symbols = false;  // else nothing is known of the next two
  std::set<std::string> imports;
  bool has_sanitizer = false;  // linked into it
  bool is_go = false;
};

// Throws std::runtime_error with one line that says what is wrong with it.
ProgramFile read_program(const std::string &path);

// "64-bit x86-64".
std::string architecture(const ProgramFile &);

}  // namespace axshim::tool
