// A seccomp filter that the program puts on itself: from then on the shim calls write and gettid, nothing
// else.
#pragma once

namespace axshim {

// Lives around the call that installs a filter: prepares before it and, if it failed, takes that back.
class SeccompWatch {
 public:
  // `filters`: the call installs one; `strict`: one that allows read, write and exit alone. Not signal-safe.
  SeccompWatch(bool filters, bool strict);
  void failed();

 private:
  bool became_quiet_ = false;
  bool gave_up_ = false;
};

// An option of prctl that takes rights from the calling thread alone.
bool takes_rights(int option);

}  // namespace axshim
