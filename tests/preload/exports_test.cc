// What the library shows to the dynamic loader, and so puts in the way of every program.
#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "preload/harness.h"

namespace axshim_test {
namespace {

// The names between "global:" and "local:" of the version script.
std::set<std::string> exports_map() {
  std::string text;
  for (const std::string &line : lines(read_file(source_dir() / "shim/exports.map"))) {
    text += line.substr(0, line.find('#')) + "\n";
  }
  text = text.substr(0, text.find("local:"));
  if (const size_t global = text.find("global:"); global != std::string::npos) text.erase(0, global + 7);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ';' || c == '{'; }, ' ');
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

class Exports : public PreloadTest {
 protected:
  std::set<std::string> defined() {
    std::set<std::string> names;
    for (const std::string &line :
         lines(bare({.argv = {"/usr/bin/nm", "-D", "--defined-only", library()}}).out)) {
      const std::string name = line.substr(line.rfind(' ') + 1);
      names.insert(name.substr(0, name.find('@')));
    }
    return names;
  }
};

TEST_F(Exports, AreThoseOfTheVersionScript) {
  EXPECT_FALSE(exports_map().empty());
  EXPECT_EQ(defined(), exports_map());
}

TEST_F(Exports, HoldNoUnwinderAndNoCxx) {
  for (const std::string &name : defined()) {
    EXPECT_FALSE(name.starts_with("_Unwind_") || name.starts_with("unw_") || name.starts_with("_ZN")) << name;
  }
}

TEST_F(Exports, NeedNothingButLibc) {
  std::vector<std::string> needed;
  for (const std::string &line : lines(bare({.argv = {"/usr/bin/readelf", "-dW", library()}}).out)) {
    if (line.find("(NEEDED)") != std::string::npos) needed.push_back(line.substr(line.find('[')));
  }
  EXPECT_THAT(needed, testing::ElementsAre("[libc.so.6]"));
}

TEST_F(Exports, LeaveTheStackNotExecutable) {
  for (const std::string &line : lines(bare({.argv = {"/usr/bin/readelf", "-lW", library()}}).out)) {
    if (line.find("GNU_STACK") == std::string::npos) continue;
    EXPECT_EQ(line.find("RWE"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace axshim_test
