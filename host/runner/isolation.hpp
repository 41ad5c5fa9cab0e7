#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/plugin/outside_plugins.hpp"
#include "host/process/child_process.hpp"
#include "host/process/sandbox.hpp"
#include "host/runner/call_grants.hpp"

namespace leeward {

/// Where a plugin's code runs.
enum class PluginPlace : std::uint8_t {
  automatic,   ///< decided by where it came from and what it does
  in_process,  ///< in the host: nanoseconds, and its faults are the host's
  runner,      ///< in a process of its own
};

/// Which plugins run in processes of their own, and what those may use.
struct Isolation {
  PluginPlace usual = PluginPlace::automatic;
  std::map<std::string, PluginPlace, std::less<>> plugins;  ///< by the plugin's name; wins over `usual`
  /// By the plugin's name; see CallGrants.
  std::map<std::string, CallGrants::Names, std::less<>> calls;
  std::map<std::string, CallGrants::Names, std::less<>> triggers;
  SandboxLimits limits;
  std::chrono::milliseconds stop_grace{5000};  ///< before an attempt that does not stop takes its process along
  std::string program = ChildProgram::kSelf;   ///< a leeward
};

/// Gives each plugin that is to run outside a runner of its own. Automatically, strangers run outside, and of what
/// shipped that which reads what servers send, or asks for it (LW_OP_ISOLATE).
class IsolatedPlugins final : public OutsidePlugins {
 public:
  explicit IsolatedPlugins(Isolation isolation) : isolation_(std::move(isolation)) {}
  [[nodiscard]] bool takes(const PluginManifest& manifest, PluginOrigin origin) const override;
  [[nodiscard]] std::vector<std::unique_ptr<PluginOperator>> operators_of(OutsidePlugin plugin,
                                                                          const ServiceContext& services) override;

 private:
  const Isolation isolation_;
};

}  // namespace leeward
