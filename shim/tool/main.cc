// The command.
#include <unistd.h>

#include <system_error>

#include "tool/command_line.h"
#include "tool/companion.h"
#include "tool/doctor.h"
#include "tool/recover.h"
#include "tool/run.h"
#include "tool/shown.h"

using namespace axshim;

namespace {

// A program of its own: what reads a gigabyte of JSON in a second takes longer to load than all that `run`
// does.
[[noreturn]] void report(char **argv) {
  const std::string program = tool::find_companion("axshim-report", {".", "../libexec"});
  execv(program.c_str(), argv);
  throw std::system_error(errno, std::generic_category(), program);
}

}  // namespace

int main(int argc, char **argv) try {
  CLI::App app{"Tells how processes ended and which of their cleanups ran; see axshim(1).", "axshim"};
  app.require_subcommand(1);
  int status = 0;

  CLI::App *run = app.add_subcommand("run", "Run a program, and tell how it and what it started ended");
  tool::RunOptions run_options;
  tool::add_run_options(*run, run_options);
  run->callback([&] {
    if (run_options.command.empty()) throw CLI::RequiredError("PROG");
  });

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

  app.add_subcommand("report", "Add up records and journals of many processes");

  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (command == "report") report(argv + 1);
  if (command == "run") run_options.command = tool::take_command(*run, arguments);
  if (const std::optional<int> done = tool::parse(app, std::move(arguments))) return *done;
  return run->parsed() ? tool::run(run_options) : status;
} catch (const std::exception &error) {
  tool::complain(error.what());
  return 2;
}
