// What the tests of the program's own exit handlers share.
#pragma once

#include "preload/own_cleanups.h"

namespace axshim_test {

class HandlersTest : public PreloadTest {
 protected:
  // Runs it bare and recorded, expects the same of both, and returns the second.
  Outcome same(Command command) {
    if (command.argv[0][0] != '/') command.argv[0] = program(command.argv[0]);
    const Outcome plain = bare(command), end = recorded(command);
    expect_same(plain, end);
    return end;
  }
  // The one record of that process, which may have children with records of their own.
  Json record_of(const Outcome &end) const {
    Records records = records_of_the_program();
    std::erase_if(records, [&](const Json &record) { return record["pid"] != end.pid; });
    Json record = only_record(records);
    record["cleanups"] = own_cleanups(record);
    return record;
  }
  Records records_of_children(const Outcome &end) const {
    Records records = records_of_the_program();
    std::erase_if(records, [&](const Json &record) { return record["pid"] == end.pid; });
    return records;
  }

 private:
  // Without those of /bin/false, which the programs exec.
  Records records_of_the_program() const {
    Records records = records_of(log());
    std::erase_if(records, [](const Json &record) { return record.value("exe", "").ends_with("/false"); });
    return records;
  }
};

}  // namespace axshim_test
