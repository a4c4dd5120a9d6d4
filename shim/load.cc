// Wakes the library up.
#include <sys/auxv.h>
#include <unistd.h>

#include <string_view>

#include "base/environment.h"
#include "base/fault_guard.h"
#include "base/proc.h"
#include "base/real.h"
#include "cause/altstack.h"
#include "cause/dispositions.h"
#include "cause/exits.h"
#include "cause/graceful.h"
#include "cleanup/adopt.h"
#include "cleanup/observed.h"
#include "cleanup/registry.h"
#include "environ.h"
#include "process.h"
#include "record/hazards.h"
#include "record/journal.h"
#include "record/unflushed.h"
#include "settings.h"
#include "sink/destination.h"
#include "terminate.h"

namespace axshim {
namespace {

std::atomic<bool> loaded{false};

void before_fork() {
  if (settings.stdio != Stdio::off) look_up_streams();
}

void after_fork_in_parent() {
  registry::join_family();
  note_if_in_cleanup(Hazard::fork_in_handler);
}

// The child's own life begins; what its parent had registered and begun is its parent's.
void after_fork_in_child() {
  if (!process.watched) return;
  ++process.generation;
  forget_termination();
  forget_running_handler();
  hazards = 0;
  graceful::forget();
  forget_changes();
  if (settings.stdio != Stdio::off) remember_inherited_output();
  FaultGuard::forget();
  drop_log_descriptors();
  journal::follow_fork();
  begin_process();  // from here on it is ours: a signal before was an ordinary death
  unwatch_what_process_1_ignores();
}

void set_program_name(const char *argv0) {
  const std::string_view path = argv0 != nullptr ? argv0 : "";
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.starts_with('-')) name.remove_prefix(1);  // a login shell
  Text(process.program) << name;
}

// Where a hook comes before the constructor: libpthread of a glibc before 2.34 is linked with -z initfirst as
// well, and the constructors of other libraries then come before ours.
[[gnu::noinline]] void set_program_name_without_argv() {
  char words[4096];
  if (read_file("/proc/self/cmdline", words, sizeof words) > 0) set_program_name(words);
}

}  // namespace

void load(char **argv, char **envp) {
  if (loaded.exchange(true)) return;
  begin_process();
  if (argv != nullptr)
    set_program_name(argv[0]);
  else
    set_program_name_without_argv();
  if (envp == nullptr) return;
  if (libc::getauxval(AT_SECURE) != 0) remove_variables(envp);
  if (!read_settings(envp)) return;
  const char *preload = find_variable(envp, "LD_PRELOAD");
  process.under_valgrind =
      preload != nullptr && std::string_view(preload).find("vgpreload") != std::string_view::npos;
  libc::__register_atfork(before_fork, after_fork_in_parent, after_fork_in_child, nullptr);
  journal::begin();
  if (!settings.cleanup.empty() || !settings.cleanup_file.empty()) adopt_declared_cleanups();
  journal::take_place();
  register_last_handler();
  give_altstack_to_main_thread();
  process.watched.store(true, std::memory_order_release);
  watch_signals();
  graceful::start();
}

void ensure_loaded() {
  if (!loaded.load(std::memory_order_relaxed) && environ != nullptr) load(nullptr, environ);
}

// Linked with -z initfirst: before the constructors of every other library. There `environ` is still null.
[[gnu::constructor]] static void constructor(int, char **argv, char **envp) { load(argv, envp); }

}  // namespace axshim
