#include "record/names.h"

#include <string.h>

#include <algorithm>

#include "base/pages.h"

namespace axshim {
namespace {

constexpr size_t kMost = 65536;  // the rest goes without names

Frame frame_of_function(const void *function) {
  return {.pc = reinterpret_cast<uintptr_t>(function), .is_return_address = false, .is_signal_frame = false};
}
Frame frame_of_caller(const void *address) {
  return {.pc = reinterpret_cast<uintptr_t>(address), .is_return_address = true, .is_signal_frame = false};
}

bool is_less(const Frame &a, const Frame &b) {
  return a.pc != b.pc ? a.pc < b.pc : a.is_return_address < b.is_return_address;
}
bool is_same(const Frame &a, const Frame &b) {
  return a.pc == b.pc && a.is_return_address == b.is_return_address;
}

// Sorted and distinct.
size_t gather(const Entry *const *cleanups, size_t count, Frame *out) {
  size_t used = 0;
  const Entry *before = nullptr;
  for (size_t i = 0; i < count; ++i) {
    const Entry &entry = *cleanups[i];
    if (entry.source == Source::env) continue;
    // Handlers that a loop registers are next to each other.
    if (!is_declared(entry) && (before == nullptr || function_of(entry) != function_of(*before)))
      out[used++] = frame_of_function(function_of(entry));
    if (before == nullptr || entry.registered_by != before->registered_by)
      out[used++] = frame_of_caller(entry.registered_by);
    before = &entry;
  }
  std::sort(out, out + used, is_less);
  return std::min<size_t>(std::unique(out, out + used, is_same) - out, kMost);
}

bool starts_programs(const Symbol &symbol) {
  const std::string_view path = symbol.module != nullptr ? symbol.module->path : "";
  const std::string_view file = path.substr(path.rfind('/') + 1);
  return file.starts_with("ld-linux") || (symbol.has_symbol && strcmp(symbol.name, "__libc_start_main") == 0);
}

}  // namespace

void Names::look_up(const Frame *backtrace, size_t frames, const Entry *const *cleanups, size_t count) {
  Frame *addresses = static_cast<Frame *>(map_pages((frames + 2 * count + 1) * sizeof(Frame)));
  if (addresses == nullptr) return;
  memcpy(addresses, backtrace, frames * sizeof(Frame));
  const size_t all = frames + gather(cleanups, count, addresses + frames);
  symbols_ = static_cast<Symbol *>(map_pages((all + 1) * sizeof(Symbol)));
  if (symbols_ == nullptr) return;
  symbolize(addresses, all, symbols_);
  addresses_ = addresses;
  frames_ = frames;
  count_ = all;
}

const Symbol *Names::find(const Frame &address) const {
  const Frame *end = addresses_ + count_;
  const Frame *found = std::lower_bound(addresses_ + frames_, end, address, is_less);
  return found != end && is_same(*found, address) ? symbols_ + (found - addresses_) : nullptr;
}

const Symbol *Names::of_function(const Entry &entry) const {
  return is_declared(entry) ? nullptr : find(frame_of_function(function_of(entry)));
}

// A constructor that ends in the registration jumps there: what is seen is who called the constructor.
const Symbol *Names::of_caller(const Entry &entry) const {
  if (entry.source == Source::env) return nullptr;
  const Symbol *caller = find(frame_of_caller(entry.registered_by));
  return caller != nullptr && !starts_programs(*caller) ? caller : nullptr;
}

}  // namespace axshim
