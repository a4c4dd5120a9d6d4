// glibc before 2.35 lacks some of what the library uses. What is looked up by a name can be made to lack here
// as well: by a copy of the library with another name in its place.
#include "preload/harness.h"

namespace axshim_test {
namespace {

class OldLibc : public PreloadTest {
 protected:
  void SetUp() override {
    std::string bytes = read_file(library());
    for (const std::string name : {"_dl_find_object", "__libc_single_threaded", "strerrordesc_np",
                                   "_pthread_cleanup_push", "_pthread_cleanup_pop"}) {
      size_t at = bytes.find(name + '\0');
      ASSERT_NE(at, std::string::npos) << name;
      for (; at != std::string::npos; at = bytes.find(name + '\0', at)) bytes[at + name.size() - 1] = '#';
    }
    write_file(copy(), bytes);
  }
  Path copy() const { return file("libaxshim.so"); }
  Outcome on_old(Command command) {
    command.env["LD_PRELOAD"] = copy();
    return recorded(command);
  }
};

std::vector<std::string> symbols(const Json &record) {
  std::vector<std::string> names;
  for (const Json &frame : record["termination"].value("backtrace", Json::array()))
    if (frame.contains("symbol")) names.push_back(frame["symbol"]);
  return names;
}

TEST_F(OldLibc, EndsAreSeenAlike) {
  for (const char *name :
       {"returns_status", "calls_exit", "calls__exit", "calls_abort", "derefs_null", "calls_quick_exit",
        "kills_itself", "starts_threads", "has_gaps", "loads_library"}) {
    SCOPED_TRACE(name);
    const Command command{.argv = {program(name)}};
    const Outcome plain = bare(command);
    recorded(command);
    const Json as_ever = only_record(log());
    std::filesystem::remove(log());
    expect_same(plain, on_old(command));
    const Json record = only_record(log());
    std::filesystem::remove(log());
    EXPECT_EQ(record["termination"]["kind"], as_ever["termination"]["kind"]);
    EXPECT_EQ(symbols(record), symbols(as_ever));
    EXPECT_EQ(outcomes(record), outcomes(as_ever));
  }
}

TEST_F(OldLibc, ErrorsHaveSomeText) {
  const Outcome end = on_old({.argv = {program("calls__exit")}, .env = {{"AXSHIM_LOG", "/nowhere/log"}}});
  EXPECT_THAT(end.err, testing::HasSubstr("cannot write to '/nowhere/log': Unknown error;"));
}

}  // namespace
}  // namespace axshim_test
