#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/plugin/plugin_file.hpp"
#include "host/plugin/plugin_manifest.hpp"
#include "host/plugin/plugin_operator.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// What ships with the program is trusted as the program is; any other file has to be admitted by the guard.
enum class PluginOrigin : std::uint8_t { shipped, stranger };

/// A plugin that is not to run in this process. Nothing of it has run here but, if it shipped, its entry point.
struct OutsidePlugin {
  PluginManifest manifest;
  PluginOrigin origin = PluginOrigin::stranger;
  std::string file;                              ///< as people know it
  std::function<Result<PluginFile>()> contents;  ///< of the file that was admitted; refused if it has others now
  std::map<std::string, std::string> settings;   ///< by operator name: JSON objects
};

/// Which plugins run in processes of their own, and their operators as they are then. Used by one thread.
class OutsidePlugins {
 public:
  virtual ~OutsidePlugins() = default;
  [[nodiscard]] virtual bool takes(const PluginManifest& manifest, PluginOrigin origin) const = 0;
  /// In the plugin's own order. They own what they need, and `services` must outlive them.
  [[nodiscard]] virtual std::vector<std::unique_ptr<PluginOperator>> operators_of(OutsidePlugin plugin,
                                                                                  const ServiceContext& services) = 0;
};

}  // namespace leeward
