// The names of all the addresses in a record, each looked up once: a thousand handlers may share a function.
#pragma once

#include "cleanup/registry.h"
#include "record/symbols.h"

namespace axshim {

class Names {
 public:
  // Memory comes from fresh pages. Signal-safe, where a FaultGuard lives.
  void look_up(const Frame *backtrace, size_t frames, const Entry *const *cleanups, size_t count);

  // The symbols of the backtrace, in its order.
  const Symbol *backtrace() const { return symbols_; }
  size_t backtrace_size() const { return frames_; }

  // nullptr where nothing was looked up, or the caller is not the program's. Signal-safe.
  const Symbol *of_function(const Entry &) const;
  const Symbol *of_caller(const Entry &) const;

 private:
  const Symbol *find(const Frame &address) const;

  const Frame *addresses_ = nullptr;  // the backtrace's, then the others, sorted
  Symbol *symbols_ = nullptr;         // of each
  size_t frames_ = 0;
  size_t count_ = 0;
};

}  // namespace axshim
