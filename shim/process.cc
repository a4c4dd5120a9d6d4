#include "process.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/path_template.h"
#include "base/sys.h"

namespace axshim {

constinit Process process;

void begin_process() {
  process.pid = process.quiet ? sys::gettid() : sys::getpid();  // one thread, at a start and after a fork
  process.started = read_clock(CLOCK_REALTIME);
  process.started_monotonic = read_clock(CLOCK_MONOTONIC);
}

bool is_mine() {
  if (!process.watched.load(std::memory_order_acquire)) return false;
  return (process.quiet ? sys::gettid() : sys::getpid()) == process.pid;
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
