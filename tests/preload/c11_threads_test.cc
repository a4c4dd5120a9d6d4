// Threads of C11's, which libc starts without pthread_create's name.
#include <signal.h>

#include "preload/harness.h"

namespace axshim_test {
namespace {

class C11Thread : public PreloadTest {
 protected:
  static Command command(const char *how) { return {.argv = {program("starts_c11_thread"), how}}; }
};

// Seen to fail (no record) with thrd_create passed straight through.
TEST_F(C11Thread, HasARecordOfItsStackOverflow) {
  const Outcome plain = bare(command("overflow")), end = recorded(command("overflow"));
  EXPECT_EQ(plain.status, killed(SIGSEGV));
  expect_same(plain, end);
  const Json record = only_record(log());
  EXPECT_EQ(record.value("termination", Json::object()).value("signal", ""), "SIGSEGV");
}

// Its result is an int. Not seen to fail, for nothing is between it and its thread now.
TEST_F(C11Thread, GivesItsResultToThrdJoin) {
  for (const char *how : {"return", "thrd_exit"}) {
    SCOPED_TRACE(how);
    const Outcome plain = bare(command(how));
    EXPECT_EQ(plain.status, exited(*how == 'r' ? 7 : 42));
    expect_same(plain, recorded(command(how)));
  }
}

}  // namespace
}  // namespace axshim_test
