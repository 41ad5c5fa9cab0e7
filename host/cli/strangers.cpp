#include "host/cli/strangers.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/suggestion.hpp"
#include "host/app/config.hpp"
#include "host/app/guard_options.hpp"
#include "host/cli/common.hpp"

namespace leeward {
namespace fs = std::filesystem;

std::optional<Strangers> strangers_of(const Invocation& invocation, int& status) {
  status = kBadInput;
  const Arguments& arguments = invocation.arguments;
  Result<Settings> settings = Settings::of(
      {arguments.all("plugins"), arguments.get("config"), arguments.get("home"), std::nullopt}, invocation.environment);
  if (!settings) {
    static_cast<void>(bad_usage(invocation, settings.error().message));
    return std::nullopt;
  }
  Errors errors;
  const Config config = settings->config_file ? Config::read(*settings->config_file, errors) : Config{};
  if (errors.empty()) {
    PluginGuard::Options options = guard_options(*settings, config);
    options.locked = false;
    auto guard = PluginGuard::open(std::move(options));
    if (guard) return Strangers{std::move(settings).value(), std::move(guard).value()};
    errors.push_back(std::move(guard).error());
  }
  print_errors(invocation, errors);
  status = status_of(errors.front());
  return std::nullopt;
}

Result<fs::path> stranger_named(const Strangers& strangers, const std::string& operand) {
  std::error_code ignored;
  if (operand.find('/') != std::string::npos || fs::exists(operand, ignored)) return fs::path{operand};
  std::vector<std::string> names;
  for (const fs::path& folder : strangers.settings.plugin_folders) {
    if (fs::equivalent(folder, shipped_plugin_folder(), ignored)) continue;
    for (const fs::path& file : plugin_files_in(folder)) {
      const auto admitted = strangers.guard->admit(file);
      if (!admitted) continue;
      if (admitted->manifest.name == operand) return file;
      names.push_back(admitted->manifest.name);
    }
  }
  return Error{"usage.plugin", "there is neither a file \"" + operand +
                                   "\" nor a plugin of that name in the folders of "
                                   "--plugins and LEEWARD_PLUGINS" +
                                   did_you_mean(operand, names)};
}

}  // namespace leeward
