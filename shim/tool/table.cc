#include "tool/table.h"

#include <algorithm>

#include "tool/shown.h"

namespace axshim::tool {
namespace {

constexpr size_t kWidest = 48;  // what is longer pushes its own line alone

}  // namespace

Cell number(uint64_t value, const char *colour) {
  return {std::to_string(value), true, value > 0 ? colour : nullptr};
}

std::string Table::text() const {
  std::vector<size_t> widths;
  for (const std::vector<Cell> &row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i)
      if (const size_t width = columns(row[i].text); width <= kWidest) widths[i] = std::max(widths[i], width);
  }
  std::string result;
  for (const std::vector<Cell> &row : rows_) {
    std::string line = prefix_;
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t width = columns(row[i].text);
      const std::string spaces(widths[i] > width ? widths[i] - width : 0, ' ');
      if (i > 0) line += "  ";
      line += row[i].is_number ? spaces + painted(row[i]) : painted(row[i]) + spaces;
    }
    result += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return result;
}

std::string Table::painted(const Cell &cell) const {
  if (!colours_ || cell.colour == nullptr) return cell.text;
  return std::string("\033[") + cell.colour + 'm' + cell.text + "\033[m";
}

}  // namespace axshim::tool
