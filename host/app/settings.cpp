#include "host/app/settings.hpp"

#include <system_error>
#include <utility>

#include "core/base/suggestion.hpp"
#include "host/app/shell_word.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

Result<std::optional<LogLevel>> level_of(const std::string& word) {
  static const std::vector<std::string> kWords = {"trace", "debug", "info", "warn", "error"};
  if (word == "off") return std::optional<LogLevel>{};
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == word) return std::optional{static_cast<LogLevel>(i)};
  }
  return Error{"usage.setting", "the log level is one of trace, debug, info, warn, error, off, but was \"" + word +
                                    "\"" + did_you_mean(word, kWords)};
}

fs::path usual_home(const Environment& environment) {
  return fs::path{lookup(environment, "HOME").value_or(".")} / ".leeward";
}

fs::path home_of(const Settings::Flags& flags, const Environment& environment) {
  if (flags.home) return *flags.home;
  if (auto home = lookup(environment, "LEEWARD_HOME")) return *home;
  return usual_home(environment);
}

std::optional<std::string> config_of(const Settings::Flags& flags, const Environment& environment,
                                     const fs::path& home) {
  if (flags.config) return flags.config;
  if (auto file = lookup(environment, "LEEWARD_CONFIG")) return file;
  std::error_code ignored;
  const fs::path usual = home / "config.json";
  if (fs::exists(usual, ignored)) return usual.string();
  return std::nullopt;
}

std::vector<fs::path> folders_of(const Settings::Flags& flags, const Environment& environment) {
  std::vector<fs::path> folders{shipped_plugin_folder()};
  std::string listed = lookup(environment, "LEEWARD_PLUGINS").value_or("");
  while (!listed.empty()) {
    const std::size_t end = listed.find(':');
    if (end != 0) folders.emplace_back(listed.substr(0, end));
    listed.erase(0, end == std::string::npos ? end : end + 1);
  }
  folders.insert(folders.end(), flags.plugin_folders.begin(), flags.plugin_folders.end());
  return folders;
}

Result<std::optional<bool>> locked_of(const Settings::Flags& flags, const Environment& environment) {
  if (flags.locked) return std::optional{true};
  const std::string word = lookup(environment, "LEEWARD_LOCKED").value_or("");
  if (word.empty()) return std::optional<bool>{};
  if (word == "1" || word == "true") return std::optional{true};
  if (word == "0" || word == "false") return std::optional{false};
  return Error{"usage.setting", "LEEWARD_LOCKED is 1 or 0, but was \"" + word + "\""};
}

}  // namespace

fs::path shipped_plugin_folder() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return (program.parent_path().parent_path() / "lib/leeward/plugins").lexically_normal();
}

std::string Settings::home_option() const {
  if (home == usual_home(environment)) return {};
  std::error_code ignored;
  const fs::path whole = fs::absolute(home, ignored);
  return " --home " + shell_word(whole.lexically_normal().string());
}

Result<Settings> Settings::of(const Flags& flags, Environment environment) {
  Settings settings;
  settings.home = home_of(flags, environment);
  settings.config_file = config_of(flags, environment, settings.home);
  settings.plugin_folders = folders_of(flags, environment);
  if (const auto word = flags.log_level ? flags.log_level : lookup(environment, "LEEWARD_LOG")) {
    Result<std::optional<LogLevel>> level = level_of(*word);
    if (!level) return std::move(level).error();
    settings.log_level = *level;
  }
  Result<std::optional<bool>> locked = locked_of(flags, environment);
  if (!locked) return std::move(locked).error();
  settings.locked = *locked;
  settings.environment = std::move(environment);
  return settings;
}

}  // namespace leeward
