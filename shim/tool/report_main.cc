// axshim report.
#include "tool/command_line.h"
#include "tool/report.h"
#include "tool/shown.h"

using namespace axshim;

int main(int argc, char **argv) try {
  CLI::App app{"Add up records and journals of many processes; see axshim(1).", "axshim report"};
  std::vector<std::string> paths;
  app.add_option("PATH", paths, "files of records, journals, or directories of both (stdin if none)");
  if (const std::optional<int> done = tool::parse(app, {argv + 1, argv + argc})) return *done;
  return tool::report(paths);
} catch (const std::exception &error) {
  tool::complain(error.what());
  return 2;
}
