// Part of axshim.hpp: cleanups with names.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "at_exit.hpp"

namespace axshim {

// Named cleanups, of which it tells what became of them. They stay registered when it is destroyed.
class registry {
 public:
  struct entry {
    std::string name;
    bool ran = false;
    std::string error;  // empty unless it failed
    std::chrono::system_clock::time_point registered_at;
  };

  // Replaces the one of the same name.
  template <class Function, class... Arguments>
  AXSHIM_INLINE_ void add(const std::string &name, Function &&fn, Arguments &&...args) {
    // Not by make_shared, whose tag keeps a library from being unloaded.
    const std::shared_ptr<item> fresh(new item(name));
    auto call = detail::bind(std::forward<Function>(fn), std::forward<Arguments>(args)...);
    fresh->id = detail::add(
        {name.c_str(), 0}, detail::make_bound(detail::bind(watched<decltype(call)>{fresh, std::move(call)})));
    replace(name, fresh);
  }

  // False where there is none of that name that waits.
  AXSHIM_HIDDEN_ bool remove(const std::string &name) {
    std::shared_ptr<item> found;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto place = find(name);
      if (place == items_.end() || (*place)->facts().ran) return false;
      found = *place;
      items_.erase(place);
    }
    return forget(*found);
  }

  // In the order of registration.
  std::vector<entry> report() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<entry> all;
    for (const auto &kept : items_) all.push_back(kept->facts());
    return all;
  }

 private:
  // The cleanup may outlive the registry, and run on another thread.
  class item {
   public:
    explicit item(const std::string &name)
        : facts_{name, false, "", std::chrono::system_clock::now()}, name_(name) {}
    entry facts() const {
      const std::lock_guard<std::mutex> lock(mutex_);
      return facts_;
    }
    void note_run() {
      const std::lock_guard<std::mutex> lock(mutex_);
      facts_.ran = true;
    }
    void note_error(const char *error) {
      const std::lock_guard<std::mutex> lock(mutex_);
      facts_.error = error;
    }
    const std::string &name() const { return name_; }

    axshim_id id = 0;

   private:
    mutable std::mutex mutex_;
    entry facts_;
    const std::string name_;
  };

  template <class Callable>
  struct watched {
    std::shared_ptr<item> kept;
    Callable call;

    void operator()() {
      kept->note_run();
      detail::call_catching(call, [this] {
        kept->note_error(detail::CurrentError().text());
        throw;
      });
    }
  };

  using items = std::vector<std::shared_ptr<item>>;

  items::iterator find(const std::string &name) {
    auto place = items_.begin();
    while (place != items_.end() && (*place)->name() != name) ++place;
    return place;
  }

  AXSHIM_HIDDEN_ void replace(const std::string &name, const std::shared_ptr<item> &fresh) {
    std::shared_ptr<item> old;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      items_.reserve(items_.size() + 1);
      const auto place = find(name);
      if (place != items_.end()) {
        old = *place;
        items_.erase(place);
      }
      items_.push_back(fresh);
    }
    if (old != nullptr) forget(*old);
  }

  AXSHIM_HIDDEN_ static bool forget(const item &kept) {
    return detail::forget([&](const detail::Cleanup &cleanup) { return cleanup.id == kept.id; }) != 0;
  }

  mutable std::mutex mutex_;
  items items_;
};

}  // namespace axshim
