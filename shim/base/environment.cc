#include "base/environment.h"

namespace axshim {
namespace {

constexpr std::string_view kLibrary = "libaxshim.so";
constexpr std::string_view kSeparators = ": ";

bool is_us(std::string_view path) { return path.substr(path.rfind('/') + 1) == kLibrary; }

// Takes the first item off the list.
std::string_view next_item(std::string_view &list) {
  const size_t end = list.find_first_of(kSeparators);
  const std::string_view item = list.substr(0, end);
  list.remove_prefix(end == list.npos ? list.size() : end + 1);
  return item;
}

}  // namespace

bool preloads_us(std::string_view list) {
  while (!list.empty())
    if (is_us(next_item(list))) return true;
  return false;
}

bool append_preload_without_us(Text &out, std::string_view list) {
  bool any = false;
  while (!list.empty()) {
    const std::string_view item = next_item(list);
    if (item.empty() || is_us(item)) continue;
    if (any) out << ':';
    out << item;
    any = true;
  }
  return any;
}

}  // namespace axshim
