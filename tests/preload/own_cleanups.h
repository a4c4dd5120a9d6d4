// What a record says of the program's own exit handlers and of declared cleanups: the system's libraries have
// handlers too, which depends on their versions.
#pragma once

#include "preload/harness.h"

namespace axshim_test {

inline Json own_cleanups(const Json &record) {
  Json own = Json::array();
  for (const Json &entry : record.value("cleanups", Json::array())) {
    const std::string module = entry.value("function", Json::object()).value("module", "");
    const bool is_library = module.find(".so") != std::string::npos;
    if (!is_library || !(module.starts_with("/lib") || module.starts_with("/usr/lib"))) own.push_back(entry);
  }
  return own;
}

// As outcomes(), but only those.
inline std::vector<std::string> own_outcomes(const Json &record) {
  return outcomes({{"cleanups", own_cleanups(record)}});
}

// "name: source" for each of those, in the record's order.
inline std::vector<std::string> own_sources(const Json &record) {
  std::vector<std::string> result;
  for (const Json &entry : own_cleanups(record)) {
    result.push_back(entry.value("name", "?") + ": " + entry.value("source", "?"));
  }
  return result;
}

}  // namespace axshim_test
