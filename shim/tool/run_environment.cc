#include "tool/run_environment.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "base/environment.h"
#include "tool/companion.h"
#include "tool/journal_file.h"

namespace axshim::tool {
namespace {

namespace fs = std::filesystem;

class Environment {
 public:
  Environment() {
    for (char **variable = environ; *variable != nullptr; ++variable) variables_.emplace_back(*variable);
  }
  void unset(const std::string &name) {
    std::erase_if(variables_, [&](const std::string &it) { return it.starts_with(name + '='); });
  }
  void set(const std::string &name, const std::string &value) {
    unset(name);
    variables_.push_back(name + '=' + value);
  }
  void set(const std::string &name, const std::optional<std::string> &value) {
    if (value) set(name, *value);
  }
  std::vector<std::string> take() { return std::move(variables_); }

 private:
  std::vector<std::string> variables_;
};

std::string value_of(const char *name) {
  const char *value = getenv(name);
  return value != nullptr ? value : "";
}

std::string with_other_preloads(const std::string &library) {
  const std::string others = value_of("LD_PRELOAD");
  std::string buffer(others.size() + 1, '\0');
  Text rest(buffer.data(), buffer.size());
  return append_preload_without_us(rest, others) ? library + ':' + rest.c_str() : library;
}

// The processes of one run have many working directories, but one log.
std::string absolute_log(const std::string &log) {
  for (const char *word : {"stderr", "syslog", "journald", "none"})
    if (log == word) return log;
  if (log.starts_with("fd:") || log.starts_with('/')) return log;
  return as_template(fs::current_path().string()) + '/' + log;
}

// Entries of the environment belong to PROG too, unless a process above us has them already.
void add_cleanups(Environment &environment, const std::vector<std::string> &entries) {
  if (entries.empty()) return;
  const bool is_owned = getenv("AXSHIM_OWNER") != nullptr;
  std::string all = is_owned ? "" : value_of("AXSHIM_CLEANUP");
  for (const std::string &entry : entries) all += (all.empty() ? "" : "\n") + entry;
  if (is_owned) environment.unset("AXSHIM_CLEANUP_FILE");
  environment.unset("AXSHIM_OWNER");
  environment.set("AXSHIM_CLEANUP", all);
}

// Without loading it.
bool can_be_loaded(const std::string &library) {
  dlerror();
  dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  return dlerror() == nullptr;
}

// By ld.so's $LIB: a loader that makes nothing or something else of it finds no library there, and goes on.
// That of musl ends the program where it finds ours.
std::string find_library_by_token() {
  const fs::path here = own_path().parent_path();
  for (const fs::path &prefix : {here, here.parent_path()}) {
    std::string path = prefix / "$LIB/libaxshim.so";
    if (can_be_loaded(path)) return path;
  }
  return "";
}

}  // namespace

std::string find_library() {
  std::string path = find_library_by_token();
  if (path.empty()) path = find_companion("libaxshim.so", {".", "../lib/" AXSHIM_TRIPLET, "../lib"});
  if (path.find_first_of(": ") == path.npos) return path;
  throw std::runtime_error(path + ": LD_PRELOAD takes no path with a space or a colon in it");
}

std::string setting(const std::optional<std::string> &option, const char *name) {
  return option ? *option : value_of((std::string("AXSHIM_") + name).c_str());
}

std::vector<std::string> run_environment(const RunOptions &options, const std::string &library,
                                         const std::string &private_log, const std::string &journals) {
  Environment environment;
  environment.set("LD_PRELOAD", with_other_preloads(library));
  environment.unset("AXSHIM_DIR");
  if (!journals.empty()) environment.set("AXSHIM_DIR", journals);
  environment.set("AXSHIM_GRACEFUL", options.graceful);
  environment.set("AXSHIM_RESCUE", options.rescue);
  environment.set("AXSHIM_TIMEOUT", options.timeout);
  environment.unset("AXSHIM_RUN");
  if (private_log.empty()) {
    if (options.log) environment.set("AXSHIM_LOG", absolute_log(*options.log));
    environment.set("AXSHIM_FORMAT", options.format);
    environment.set("AXSHIM_REPORT", options.report);
  } else {
    environment.set("AXSHIM_LOG", as_template(private_log));
    environment.set("AXSHIM_FORMAT", options.format);
    environment.set("AXSHIM_REPORT", std::string("always"));
    const std::string report = setting(options.report, "REPORT");
    environment.set("AXSHIM_RUN", (report.empty() ? "unclean" : report) + ' ' + as_template(private_log));
  }
  add_cleanups(environment, options.cleanups);
  return environment.take();
}

}  // namespace axshim::tool
