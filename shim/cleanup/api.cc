#include "cleanup/api.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "axshim/axshim.h"
#include "base/clock.h"
#include "base/errno_guard.h"
#include "base/export.h"
#include "base/objects.h"
#include "base/pages.h"
#include "base/sys.h"
#include "cleanup/observed.h"
#include "cleanup/runner.h"
#include "process.h"
#include "record/journal.h"

namespace axshim {
namespace {

constexpr size_t kMostName = 255;
constexpr size_t kMostEntry = 32 * 1024;
constexpr unsigned kFlags = AXSHIM_SIGNAL_SAFE | AXSHIM_ORDERLY_ONLY | AXSHIM_FORCED_ONLY | AXSHIM_CHILDREN |
                            AXSHIM_REPLACE | AXSHIM_NAMED_BY_CODE_;

axshim_id fail(int why) {
  errno = why;
  return 0;
}

// The place and what is there now, so that an id is never another cleanup's.
axshim_id id_of(const Entry &entry, size_t index) { return uint64_t{entry.serial} << 32 | (index + 1); }

size_t index_of(axshim_id id) { return (id & UINT32_MAX) - 1; }

Entry *find(axshim_id id) {
  const size_t index = index_of(id);
  if (id == 0 || index >= registry::size()) return nullptr;
  Entry &entry = registry::at(index);
  return is_of_api(entry) && entry.serial == id >> 32 ? &entry : nullptr;
}

bool is_waiting(const Entry &entry) {
  return entry.state == State::registered && is_of_api(entry) && registry::is_own(entry);
}

// Newest first; how many were forgotten.
template <class Chosen>
int forget_all(Chosen chosen) {
  int forgotten = 0;
  for (size_t i = registry::size(); i-- > 0;) {
    Entry &entry = registry::at(i);
    const uint32_t serial = entry.serial;
    if (is_waiting(entry) && chosen(entry) && registry::cancel(entry, i, serial)) ++forgotten;
  }
  return forgotten;
}

// Newest first; what they register comes next. How many failed.
template <class Chosen>
int run_all(Chosen chosen) {
  ErrnoGuard guard;
  journal::ensure_own();
  int failed = 0;
  size_t size = registry::size();
  for (size_t i = size; i-- > 0;) {
    if (i >= registry::size()) continue;  // gone
    Entry &entry = registry::at(i);
    if (!is_waiting(entry) || !chosen(entry)) continue;
    if (!run_now(entry)) ++failed;
    if (registry::size() > i) i = size = registry::size();
  }
  return failed;
}

bool is_valid_name(const char *name) {
  const size_t length = strnlen(name, kMostName + 1);
  if (length == 0 || length > kMostName) {
    errno = length == 0 ? EINVAL : ENAMETOOLONG;
    return false;
  }
  for (const char *c = name; *c != '\0'; ++c) {
    if (static_cast<unsigned char>(*c) >= 0x20 && *c != 0x7f) continue;
    errno = EINVAL;
    return false;
  }
  return true;
}

// Its long names are not on the stack, which may be a page.
class WorkingDirectory {
 public:
  WorkingDirectory() {
    long size = sys::call(SYS_getcwd, sys::arg(short_), sizeof short_);  // counts the null byte
    if (size == -ERANGE && (long_ = static_cast<char *>(map_pages(PATH_MAX))) != nullptr)
      size = sys::call(SYS_getcwd, sys::arg(long_), PATH_MAX);
    if (size > 2) length_ = static_cast<size_t>(size - 1);
  }
  ~WorkingDirectory() { unmap_pages(long_, PATH_MAX); }
  WorkingDirectory(const WorkingDirectory &) = delete;
  WorkingDirectory &operator=(const WorkingDirectory &) = delete;
  // Empty for the root: what follows begins with a slash.
  std::string_view view() const { return {long_ != nullptr ? long_ : short_, length_}; }

 private:
  char short_[256];
  char *long_ = nullptr;
  size_t length_ = 0;
};

axshim_id publish(Entry &entry, size_t index, Source source, const void *registered_by) {
  entry.registered_by = registered_by;
  ++entry.serial;
  const axshim_id id = id_of(entry, index);
  registry::publish(entry, source);
  if (mark_for_exit()) return id;
  registry::cancel(entry, index, entry.serial);
  return fail(ENOMEM);
}

}  // namespace

void run_cleanups_of_library(const void *dso) {
  Object library;
  if (!find_object(reinterpret_cast<uintptr_t>(dso), &library)) return;
  const auto is_in_it = [&](const void *address) {
    return reinterpret_cast<uintptr_t>(address) - library.start < library.end - library.start;
  };
  run_all([&](const Entry &entry) {
    if (is_in_it(entry.registered_by)) return true;
    return entry.source == Source::api && (is_in_it(entry.function) || is_in_it(function_of(entry)));
  });
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int axshim_active(void) { return process.watched.load(std::memory_order_relaxed) ? 1 : 0; }

axshim_id axshim_register(const char *name, void (*fn)(void *), void *arg, unsigned flags) {
  constexpr unsigned kBoth = AXSHIM_ORDERLY_ONLY | AXSHIM_FORCED_ONLY;
  if (fn == nullptr || (flags & ~kFlags) != 0 || (flags & kBoth) == kBoth) return fail(EINVAL);
  const bool by_code = (flags & AXSHIM_NAMED_BY_CODE_) != 0;
  if (name != nullptr && !by_code && !is_valid_name(name)) return 0;
  if ((flags & AXSHIM_REPLACE) != 0 && name != nullptr && !by_code) axshim_unregister_name(name);
  size_t index;
  Entry *entry = registry::claim(&index);
  if (entry == nullptr) return fail(ENOMEM);
  if (name == nullptr) flags &= ~AXSHIM_NAMED_BY_CODE_;
  entry->flags = static_cast<uint8_t>(flags & ~AXSHIM_REPLACE);
  if (name != nullptr) {
    const std::string_view kept = by_code ? std::string_view(reinterpret_cast<char *>(&name), sizeof name)
                                          : std::string_view(name, strlen(name) + 1);
    char *copy = registry::memory_of(*entry, kept.size());
    if (copy == nullptr) {
      registry::remove(*entry);
      return fail(ENOMEM);
    }
    kept.copy(copy, kept.size());
    if (!by_code) entry->flags |= kNamed;
  }
  entry->function = reinterpret_cast<void *>(fn);
  entry->argument = arg;
  return publish(*entry, index, Source::api, __builtin_return_address(0));
}

axshim_id axshim_declare(const char *text) {
  const size_t length = text != nullptr ? strnlen(text, kMostEntry + 1) : 0;
  if (length == 0 || length > kMostEntry) return fail(length == 0 ? EINVAL : E2BIG);
  size_t index;
  Entry *entry = registry::claim(&index);
  if (entry == nullptr) return fail(ENOMEM);
  const WorkingDirectory directory;
  const std::string_view here = directory.view();
  const size_t size = parse_buffer_size(length);
  char *memory = registry::memory_of(*entry, sizeof(Declared) + size + here.size());
  int why = ENOMEM;
  if (memory != nullptr) {
    char reason[400];
    Text ignored(reason);
    auto *declared = new (memory) Declared;
    entry->declared = declared;
    if (parse_entry({text, length}, {memory + sizeof(Declared), size}, *declared, ignored)) {
      here.copy(memory + sizeof(Declared) + size, here.size());
      declared->directory = {memory + sizeof(Declared) + size, here.size()};
      return publish(*entry, index, Source::api_declared, __builtin_return_address(0));
    }
    why = EINVAL;
  }
  registry::remove(*entry);
  return fail(why);
}

int axshim_unregister(axshim_id id) {
  Entry *entry = find(id);
  if (entry != nullptr && is_waiting(*entry) &&
      registry::cancel(*entry, index_of(id), static_cast<uint32_t>(id >> 32)))
    return 0;
  errno = ENOENT;
  return -1;
}

int axshim_unregister_fn(void (*fn)(void *)) {
  return forget_all([&](const Entry &entry) {
    return entry.source == Source::api && entry.function == reinterpret_cast<void *>(fn);
  });
}

int axshim_unregister_name(const char *name) {
  if (name == nullptr) return 0;
  return forget_all([&](const Entry &entry) { return given_name(entry) == name; });
}

int axshim_run(void) {
  return run_all([](const Entry &) { return true; });
}

void axshim_clear(void) {
  forget_all([](const Entry &) { return true; });
}

size_t axshim_count(void) {
  size_t count = 0;
  for (size_t i = registry::size(); i-- > 0;)
    if (is_waiting(registry::at(i))) ++count;
  return count;
}

int axshim_list(int (*visit)(const struct axshim_info *, void *), void *context) {
  if (visit == nullptr) {
    errno = EINVAL;
    return -1;
  }
  for (size_t i = registry::size(); i-- > 0;) {
    if (i >= registry::size()) continue;
    const Entry &entry = registry::at(i);
    const State state = entry.state.load(std::memory_order_acquire);
    if (state == State::free || state == State::cancelled || !is_of_api(entry) || !registry::is_own(entry))
      continue;
    const axshim_info info = {.size = sizeof info,
                              .id = id_of(entry, i),
                              .name = given_name(entry).data(),
                              .source = source_name(entry.source),
                              .outcome = outcome_name(state),
                              .error = error_of(entry),
                              .registered_ns = in_ns(process.started) + entry.registered_ms * 1'000'000ll};
    if (const int result = visit(&info, context); result != 0) return result;
  }
  return 0;
}

void axshim_fail(const char *message) { fail_running_cleanup(message); }

AXSHIM_EXPORTS_END
