// Whether the preload came into a process: it opens a journal at its start, but takes it away at a clean end.
#pragma once

#include <sys/types.h>

#include <string>

#include "tool/directory.h"

namespace axshim::tool {

class Entered {
 public:
  // Watches that directory from now on.
  explicit Entered(const std::string &journals);

  // Asked once. Also true where nothing could be watched.
  bool heard_from(pid_t);

 private:
  Descriptor watch_;
};

}  // namespace axshim::tool
