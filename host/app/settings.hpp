#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/exec/operator.hpp"
#include "host/app/environment.hpp"

namespace leeward {

/// How this process was asked to be: flag, else environment, else default. Immutable once made.
struct Settings {
  /// What the command line said; empty means nothing was said.
  struct Flags {
    std::vector<std::string> plugin_folders;
    std::optional<std::string> config;
    std::optional<std::string> home;
    std::optional<std::string> log_level;
    bool locked = false;
  };

  std::filesystem::path home;                          ///< --home, LEEWARD_HOME, ~/.leeward
  std::optional<std::string> config_file;              ///< --config, LEEWARD_CONFIG, else config.json in home if there
  std::vector<std::filesystem::path> plugin_folders;   ///< shipped, then LEEWARD_PLUGINS (':' between), then --plugins
  std::optional<LogLevel> log_level = LogLevel::info;  ///< --log-level, LEEWARD_LOG; nothing: off
  std::optional<bool> locked;                          ///< --locked, LEEWARD_LOCKED; nothing: as the configuration says
  Environment environment;

  /// What another command must say to find the same home, such as " --home /srv/leeward"; empty for ~/.leeward.
  [[nodiscard]] std::string home_option() const;

  /// Code usage.setting.
  [[nodiscard]] static Result<Settings> of(const Flags& flags, Environment environment);
};

/// `../lib/leeward/plugins` beside the running program's folder: in the build tree and after installing.
[[nodiscard]] std::filesystem::path shipped_plugin_folder();

}  // namespace leeward
