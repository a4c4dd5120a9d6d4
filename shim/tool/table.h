// Columns for people.
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

namespace axshim::tool {

struct Cell {
  std::string text;
  bool is_number = false;
  const char *colour = nullptr;
};

inline constexpr const char *kBold = "1", *kRed = "31", *kYellow = "33";

// In that colour if it is not 0.
Cell number(uint64_t value, const char *colour = nullptr);

class Table {
 public:
  explicit Table(std::string prefix = "", bool colours = false)
      : prefix_(std::move(prefix)), colours_(colours) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  // A line for each row, which begins with the prefix.
  std::string text() const;

 private:
  std::string painted(const Cell &) const;

  std::string prefix_;
  bool colours_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace axshim::tool
