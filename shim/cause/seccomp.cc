#include "cause/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>

#include "base/export.h"
#include "base/pages.h"
#include "base/private_stack.h"
#include "base/sys.h"
#include "cause/dispositions.h"
#include "cause/graceful.h"
#include "process.h"
#include "record/journal.h"
#include "sink/destination.h"

namespace axshim {

SeccompWatch::SeccompWatch(bool filters, bool strict) {
  if (!filters || process.quiet || !is_mine()) return;
  graceful::stop();
  settle_log_descriptor();
  if (process.reserved_stack == nullptr) process.reserved_stack = map_stack(kPrivateStackSize);
  stop_watching_signals();
  journal::leave();
  remember_thread_id();
  process.quiet = true;
  became_quiet_ = true;
  gave_up_ = strict;
  if (strict) process.watched = false;
}

void SeccompWatch::failed() {
  if (!became_quiet_) return;
  process.quiet = false;
  if (gave_up_) process.watched = true;
  watch_signals_again();
}

bool takes_rights(int option) {
  return option == PR_SET_NO_NEW_PRIVS || option == PR_CAPBSET_DROP || option == PR_CAP_AMBIENT ||
         option == PR_SET_SECUREBITS;
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
  if (takes_rights(option)) graceful::stop();
  SeccompWatch watch(option == PR_SET_SECCOMP, a[0] == SECCOMP_MODE_STRICT);
  const long result = sys::call(SYS_prctl, option, a[0], a[1], a[2], a[3]);
  if (!sys::failed(result)) return static_cast<int>(result);
  watch.failed();
  errno = static_cast<int>(-result);
  return -1;
}

AXSHIM_EXPORTS_END
