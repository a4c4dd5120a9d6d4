#include "tool/entered.h"

#include <sys/inotify.h>
#include <unistd.h>

namespace axshim::tool {

Entered::Entered(const std::string &journals) : watch_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (watch_.get() >= 0) inotify_add_watch(watch_.get(), journals.c_str(), IN_CREATE | IN_ONLYDIR);
}

bool Entered::heard_from(pid_t pid) {
  if (watch_.get() < 0) return true;
  const std::string prefix = std::to_string(pid) + '-';
  alignas(inotify_event) char buffer[16384];
  for (ssize_t size; (size = read(watch_.get(), buffer, sizeof buffer)) > 0;) {
    for (const char *next = buffer; next < buffer + size;) {
      const auto *event = reinterpret_cast<const inotify_event *>(next);
      if (event->len > 0 && std::string(event->name).starts_with(prefix)) return true;
      next += sizeof *event + event->len;
    }
  }
  return false;
}

}  // namespace axshim::tool
