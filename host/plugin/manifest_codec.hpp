#pragma once

#include <string>

#include "core/base/json.hpp"
#include "host/plugin/plugin_manifest.hpp"

namespace leeward {

/// A manifest as JSON text: for the process that reads it from a plugin's file, and for the cache.
[[nodiscard]] std::string manifest_json(const PluginManifest& manifest);

/// The manifest in such a text. What wrote it may have been the plugin itself: every rule that holds for a descriptor
/// in memory is checked again. Its entries have no table, there is nothing to call. `file` is for messages. Code
/// plugin.bad_descriptor.
[[nodiscard]] Result<PluginManifest> manifest_of(const Json& json, const std::string& file);

}  // namespace leeward
