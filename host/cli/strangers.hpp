#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/app/settings.hpp"
#include "host/cli/verb.hpp"
#include "host/plugin/plugin_guard.hpp"

namespace leeward {

/// What the verbs about plugins that did not ship work with: the settings, and a guard that nothing is locked for,
/// since a person asks about this very file.
struct Strangers {
  Settings settings;
  std::unique_ptr<PluginGuard> guard;
};
/// What the common options ask for; nothing after the mistakes were printed, and then `status` is what to exit with.
[[nodiscard]] std::optional<Strangers> strangers_of(const Invocation& invocation, int& status);

/// The file that an operand means: itself, or the one of the plugin folders, shipped ones aside, that brings a plugin
/// of this name. Code usage.plugin, with the nearest guess.
[[nodiscard]] Result<std::filesystem::path> stranger_named(const Strangers& strangers, const std::string& operand);

}  // namespace leeward
