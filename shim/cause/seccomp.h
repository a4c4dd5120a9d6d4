// A seccomp filter that the program puts on itself: from then on the shim calls write and gettid, nothing else.
#pragma once

namespace axshim {

// Lives around the call that installs a filter: prepares before it and, if it failed, takes that back.
class SeccompWatch {
 public:
  // `filters`: the call may install one. Not signal-safe.
  explicit SeccompWatch(bool filters);
  void failed();

 private:
  bool became_quiet_ = false;
};

}  // namespace axshim
