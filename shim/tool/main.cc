// The command.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "tool/doctor.h"
#include "tool/recover.h"
#include "tool/report.h"
#include "tool/run.h"

using namespace axshim;

int main(int argc, char **argv) {
  CLI::App app{"Tells how processes ended and which of their cleanups ran; see axshim(1).", "axshim"};
  app.set_version_flag("--version", "axshim " AXSHIM_VERSION);
  app.require_subcommand(1);
  int status = 0;

  CLI::App *run = app.add_subcommand("run", "Run a program, and tell how it and what it started ended");
  tool::RunOptions run_options;
  tool::add_run_options(*run, run_options);

  CLI::App *recover = app.add_subcommand("recover", "Do what processes that vanished had declared");
  std::string directory;
  bool dry_run = false;
  recover->add_option("DIR", directory, "the AXSHIM_DIR of those processes")->required();
  recover->add_flag("--dry-run", dry_run, "only say what would be done");
  recover->callback([&] { status = tool::recover(directory, dry_run); });

  CLI::App *doctor =
      app.add_subcommand("doctor", "Will the preload work on a program, and what will it see?");
  std::string program;
  doctor->add_option("PROG", program, "a path, or a name in PATH")->required();
  doctor->callback([&] { status = tool::doctor(program); });

  CLI::App *report = app.add_subcommand("report", "Add up records and journals of many processes");
  std::vector<std::string> paths;
  report->add_option("PATH", paths, "files of records, journals, or directories of both (stdin if none)");
  report->callback([&] { status = tool::report(paths); });

  try {
    std::vector<std::string> arguments(argv + 1, argv + argc);
    if (!arguments.empty() && arguments[0] == "run")
      run_options.command = tool::take_command(*run, arguments);
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    if (run->parsed() && run_options.command.empty()) throw CLI::RequiredError("PROG");
  } catch (const CLI::Success &done) {
    return app.exit(done);
  } catch (const CLI::ParseError &error) {
    fprintf(stderr, "axshim: %s; see axshim --help\n", error.what());
    return 2;
  }
  return run->parsed() ? tool::run(run_options) : status;
}
