#pragma once

#include "host/app/config.hpp"
#include "host/app/settings.hpp"
#include "host/plugin/plugin_guard.hpp"

namespace leeward {

/// How strangers' plugins are to be judged: where plugins.lock is, whether only what is in it may be used, and what a
/// probe may see. The home folder and the configuration, which may hold keys, it may not.
[[nodiscard]] PluginGuard::Options guard_options(const Settings& settings, const Config& config);

}  // namespace leeward
