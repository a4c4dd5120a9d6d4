#include "process.h"

#include <string.h>
#include <sys/utsname.h>

#include "base/path_template.h"
#include "base/sys.h"

namespace axshim {

constinit Process process;

void begin_process() {
  process.pid = process.quiet ? sys::gettid() : sys::getpid();  // one thread, at a start and after a fork
  clock_gettime(CLOCK_REALTIME, &process.started);
  clock_gettime(CLOCK_MONOTONIC, &process.started_monotonic);
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
