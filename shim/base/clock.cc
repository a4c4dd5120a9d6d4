#include "base/clock.h"

#include <sys/auxv.h>

#include <atomic>

#include "base/elf.h"
#include "base/objects.h"
#include "base/real.h"
#include "base/sys.h"
#include "process.h"

namespace axshim {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kName = "__vdso_clock_gettime";
#elif defined(__aarch64__)
constexpr std::string_view kName = "__kernel_clock_gettime";
#endif

using Read = int(clockid_t, timespec *);

int read_by_system_call(clockid_t clock, timespec *now) {
  return static_cast<int>(sys::call(SYS_clock_gettime, clock, sys::arg(now)));
}

Read *find_read() {
  Object vdso;
  if (!find_object(libc::getauxval(AT_SYSINFO_EHDR), &vdso)) return read_by_system_call;
  const elf::SymbolTable table = elf::dynsym_of_memory(vdso);
  for (const elf::Sym &symbol : table.symbols)
    if (table.name(symbol) == kName) return reinterpret_cast<Read *>(vdso.bias + symbol.st_value);
  return read_by_system_call;
}

// The vDSO costs a new process some page faults: as much as ten system calls, and most never ask so often.
constexpr int kFew = 8;
std::atomic<int> asked{0};
std::atomic<Read *> found{nullptr};

Read *choose_read() {
  if (!process.quiet && asked.fetch_add(1, std::memory_order_relaxed) < kFew) return read_by_system_call;
  Read *read = find_read();
  found.store(read, std::memory_order_relaxed);
  return read;
}

}  // namespace

timespec read_clock(clockid_t clock) {
  Read *read = found.load(std::memory_order_relaxed);
  if (read == nullptr) read = choose_read();
  timespec now = {};
  read(clock, &now);
  return now;
}

}  // namespace axshim
