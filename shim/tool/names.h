// The functions of programs that may not run any more, from their files.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tool/journal_file.h"

struct Dwfl;
struct Dwfl_Module;

namespace axshim::tool {

struct NamedPlace {
  std::string function;  // demangled
  uint64_t plus;
};

class Names {
 public:
  Names();
  ~Names();
  Names(const Names &) = delete;

  // Nothing where the file does not tell, or is another one by now.
  std::optional<NamedPlace> find(const Place &);
  // "flush_cache", demangled; "prog+0x11a3" where it is not found.
  std::string of(const Place &);
  // "cache.c:42", or nothing.
  std::string line_of(const Place &);

 private:
  Dwfl_Module *module_of(const Place &);

  std::unique_ptr<Dwfl, void (*)(Dwfl *)> dwfl_;
  std::map<std::string, Dwfl_Module *> modules_;  // by path and build id
  uint64_t next_ = uint64_t{1} << 40;             // where the next one goes
};

}  // namespace axshim::tool
