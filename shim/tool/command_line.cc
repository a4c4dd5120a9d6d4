#include "tool/command_line.h"

#include <algorithm>

#include "tool/shown.h"

namespace axshim::tool {

std::optional<int> parse(CLI::App &app, std::vector<std::string> arguments) {
  constexpr const char *kVersion = "axshim " AXSHIM_VERSION;
  app.set_version_flag("--version", kVersion);
  for (CLI::App *command : app.get_subcommands({})) command->set_version_flag("--version", kVersion);
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
    return std::nullopt;
  } catch (const CLI::Success &done) {
    return app.exit(done);
  } catch (const CLI::ParseError &error) {
    complain(std::string(error.what()) + "; see " + app.get_name() + " --help");
    return 2;
  }
}

}  // namespace axshim::tool
