#include "host/app/guard_options.hpp"

#include <filesystem>

namespace leeward {

PluginGuard::Options guard_options(const Settings& settings, const Config& config) {
  PluginGuard::Options options;
  options.home = settings.home;
  options.locked = settings.locked.value_or(config.locked);
  options.home_option = settings.home_option();
  options.probe.limits = config.isolation.limits;  // what a file does when it is loaded it does within the same
  if (settings.config_file) options.probe.limits.hidden.push_back(std::filesystem::absolute(*settings.config_file));
  return options;
}

}  // namespace leeward
