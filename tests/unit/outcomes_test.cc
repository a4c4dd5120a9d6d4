// What gives the cleanups of an orderly end their outcomes, where another thread's forced end comes between.
#include "cleanup/outcomes.h"

#include <gtest/gtest.h>

#include <vector>

#include "cause/cause.h"
#include "settings.h"

namespace axshim {
namespace {

constexpr Cause kExit = {.end = End::exit};

class Outcomes : public testing::Test {
 protected:
  void SetUp() override {
    ran = 0;
    for (int i = 0; i < 3; ++i) {
      size_t index;
      Entry *entry = registry::claim(&index);
      entry->function = reinterpret_cast<void *>(+[](void *) { ++ran; });
      entry->flags = AXSHIM_SIGNAL_SAFE;
      registry::publish(*entry, Source::api);
      entries.push_back(entry);
    }
  }
  void TearDown() override {
    for (Entry *entry : entries) registry::remove(*entry);
    forget_budget();
  }

  void give(Choice (*choose)(const Entry &), void (*keep)()) {
    give_outcomes(kExit, 0, {registry::size(), registry::size() - entries.size(), choose}, keep);
  }

  std::vector<Entry *> entries;
  static inline int ran;
};

// The other has a budget of its own, and takes this one back: this end may still be about to look at it.
TEST_F(Outcomes, NoBudgetIsNotASpentOne) {
  const auto choose_meanwhile = [](const Entry &) {
    forget_budget();
    return Choice::take;
  };
  give(choose_meanwhile, [] {});
  EXPECT_EQ(ran, 3);
}

// Skipping takes no time, but who is late skips what the other would have run.
TEST_F(Outcomes, AsksBeforeItSkipsToo) {
  static int asked;
  asked = 0;
  for (Entry *entry : entries) entry->flags |= AXSHIM_FORCED_ONLY;
  give(all, [] { ++asked; });
  EXPECT_EQ(entries[0]->state, State::skipped);
  EXPECT_GE(asked, 3);
}

}  // namespace
}  // namespace axshim
