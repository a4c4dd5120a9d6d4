#include "cause/seccomp.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "base/export.h"
#include "base/pages.h"
#include "base/private_stack.h"
#include "base/sys.h"
#include "cause/dispositions.h"
#include "process.h"

namespace axshim {

SeccompWatch::SeccompWatch(bool filters) {
  if (!filters || process.quiet || !is_mine()) return;
  if (process.reserved_stack == nullptr) process.reserved_stack = map_stack(kPrivateStackSize);
  stop_watching_signals();
  process.quiet = true;
  became_quiet_ = true;
}

void SeccompWatch::failed() {
  if (!became_quiet_) return;
  process.quiet = false;
  watch_signals_again();
}

}  // namespace axshim

using namespace axshim;

AXSHIM_EXPORTS_BEGIN

int prctl(int option, ...) noexcept {
  ensure_loaded();
  va_list list;
  va_start(list, option);
  unsigned long a[4];
  for (unsigned long &argument : a) argument = va_arg(list, unsigned long);
  va_end(list);
  SeccompWatch watch(option == PR_SET_SECCOMP);
  const long result = sys::call(SYS_prctl, option, a[0], a[1], a[2], a[3]);
  if (!sys::failed(result)) return static_cast<int>(result);
  watch.failed();
  errno = static_cast<int>(-result);
  return -1;
}

AXSHIM_EXPORTS_END
