#include "process.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/pages.h"
#include "base/path_template.h"
#include "base/sys.h"

namespace axshim {

constinit Process process;

namespace {

thread_local int known_thread_id = 0;

const bool *make_cleared_in_children() {
  auto *page = static_cast<bool *>(map_pages(kPage));
  if (page == nullptr || sys::call(SYS_madvise, sys::arg(page), kPage, MADV_WIPEONFORK) != 0) return nullptr;
  *page = true;
  return page;
}

}  // namespace

int thread_id() {
  if (known_thread_id != 0) return known_thread_id;
  if (!process.quiet) return sys::gettid();
  return static_cast<int>(reinterpret_cast<uintptr_t>(&known_thread_id) >> 4 & INT32_MAX);
}

void remember_thread_id() { known_thread_id = sys::gettid(); }

void begin_process() {
  known_thread_id = 0;
  process.pid = process.quiet ? sys::gettid() : sys::getpid();  // one thread, at a start and after a fork
  process.cleared_in_children = process.pid == 1 ? make_cleared_in_children() : nullptr;
  process.started = read_clock(CLOCK_REALTIME);
  process.started_monotonic = read_clock(CLOCK_MONOTONIC);
}

bool is_mine() {
  if (!process.watched.load(std::memory_order_acquire)) return false;
  if (process.quiet) return true;  // it may not even ask
  if (sys::getpid() != process.pid) return false;
  return process.cleared_in_children == nullptr || *process.cleared_in_children;
}

bool expand(std::string_view path, Text &out) {
  utsname names;
  names.nodename[0] = '\0';
  sys::call(SYS_uname, sys::arg(&names));
  const TemplateValues values = {.pid = process.pid,
                                 .ppid = static_cast<int>(sys::call(SYS_getppid)),
                                 .program = process.program,
                                 .host = names.nodename,
                                 .start_seconds = process.started.tv_sec};
  return expand_template(path, values, out);
}

}  // namespace axshim
