#include "cleanup/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace axshim {
namespace {

Entry *add_one(uintptr_t number) {
  return registry::add_handler(Source::atexit, reinterpret_cast<void *>(number), nullptr, nullptr, nullptr);
}

TEST(Registry, UsesAgainWhatWasOnTop) {
  const size_t before = registry::size();
  Entry *first = add_one(1), *second = add_one(2), *third = add_one(3);
  registry::remove(*second);
  EXPECT_EQ(registry::size(), before + 3) << "a hole";
  registry::remove(*third);
  EXPECT_EQ(registry::size(), before + 1) << "the hole has surfaced";
  EXPECT_EQ(add_one(4), second);
  registry::remove(*second);
  registry::remove(*first);
  EXPECT_EQ(registry::size(), before);
}

// What libc's list has a mark of must not slip below the mark.
TEST(Registry, KeepsPlacesBelowAMark) {
  Entry *entry = add_one(1);
  const size_t size = registry::size();
  registry::keep_below(size);
  registry::remove(*entry);
  EXPECT_EQ(registry::size(), size);
  EXPECT_NE(add_one(2), entry);
}

TEST(Registry, DoesNotMoveEntriesWhenItGrows) {
  const size_t begin = registry::size();
  std::vector<Entry *> entries;
  for (uintptr_t i = 0; i < 100'000; ++i) entries.push_back(add_one(i));
  for (uintptr_t i = 0; i < entries.size(); ++i) {
    ASSERT_EQ(&registry::at(begin + i), entries[i]);
    ASSERT_EQ(entries[i]->function, reinterpret_cast<void *>(i));
  }
  for (size_t i = entries.size(); i-- > 0;) registry::remove(*entries[i]);
  EXPECT_EQ(registry::size(), begin);
}

TEST(Registry, GivesEachThreadPlacesOfItsOwn) {
  constexpr int kThreads = 8, kEach = 20'000;
  std::vector<std::vector<Entry *>> taken(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const uintptr_t number = static_cast<uintptr_t>(t * kEach + i);
        taken[t].push_back(add_one(number));
        if (i % 3 == 0) {
          registry::remove(*taken[t].back());
          taken[t].pop_back();
        } else {
          EXPECT_EQ(taken[t].back()->function, reinterpret_cast<void *>(number));
        }
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  std::set<Entry *> all;
  size_t count = 0;
  for (const auto &entries : taken) {
    count += entries.size();
    all.insert(entries.begin(), entries.end());
  }
  EXPECT_EQ(all.size(), count);
  for (Entry *entry : all) EXPECT_EQ(entry->state, State::registered);
}

}  // namespace
}  // namespace axshim
