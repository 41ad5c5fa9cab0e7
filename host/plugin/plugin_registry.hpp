#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/exec/operator.hpp"
#include "core/model/operator_info.hpp"
#include "host/plugin/host_services.hpp"
#include "host/plugin/outside_plugins.hpp"
#include "host/plugin/plugin_guard.hpp"
#include "host/plugin/plugin_library.hpp"
#include "host/plugin/plugin_manifest.hpp"
#include "host/plugin/plugin_operator.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// Every operator there is: scans folders, loads plugins, and is the catalog that specs are checked against and the
/// source that attempts take their operators from. Filled by one thread before anything runs; after that immutable.
///
/// Here an operator in this process and one in a runner process become the same thing: whatever implements Operator can
/// stand behind a name.
class PluginRegistry final : public OperatorCatalog, public OperatorSource {
 public:
  /// An operator's settings from the configuration, by operator name: JSON objects.
  using Settings = std::map<std::string, std::string, std::less<>>;
  /// A file that was not loaded, or a folder, and why. The others still are.
  struct Problem {
    std::string file;
    std::string code;
    std::string reason;
  };
  struct Plugin {
    std::string file;
    PluginManifest manifest;  ///< its entries have moved to the operators
    bool isolated = false;    ///< it runs in a process of its own
    std::vector<const PluginOperator*> operators;
  };

  /// What is referred to must outlive every attempt. Null `runs`: tasks cannot start runs. Null `guard`: every file is
  /// trusted as if it had shipped. Null `outside`: everything runs in this process.
  PluginRegistry(HttpGateway& http, TimerSource& timers, PluginLog& log, Settings settings, RunGateway* runs = nullptr,
                 PluginGuard* guard = nullptr, OutsidePlugins* outside = nullptr);
  /// Stops the plugins. REQUIRES: no attempt is running.
  ~PluginRegistry() override;
  PluginRegistry(const PluginRegistry&) = delete;
  PluginRegistry& operator=(const PluginRegistry&) = delete;

  /// Loads every *.so of the folder, by name. A folder or file seen before is passed over.
  void scan(const std::filesystem::path& folder, PluginOrigin origin = PluginOrigin::stranger);
  void load(const std::filesystem::path& file, PluginOrigin origin = PluginOrigin::stranger);

  [[nodiscard]] const std::vector<Plugin>& plugins() const noexcept { return plugins_; }
  [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }
  /// Files that were loaded although something about them should be known.
  [[nodiscard]] const std::vector<Problem>& warnings() const noexcept { return warnings_; }
  /// Attempts that plugins have not let go of. While there are any, nothing that they may touch can be destroyed. Any
  /// thread.
  [[nodiscard]] std::size_t unfinished() const noexcept { return unfinished_.load(); }
  /// Null if there is none.
  [[nodiscard]] const PluginOperator* find(std::string_view name) const;

  [[nodiscard]] const OperatorInfo* find_operator(std::string_view name) const override;
  [[nodiscard]] const OperatorInfo* find_callable(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> operator_names() const override;
  [[nodiscard]] std::vector<std::string> callable_names() const override;
  [[nodiscard]] Operator& operator_of(const OperatorInfo& info) override;

 private:
  using ByName = std::map<std::string, PluginOperator*, std::less<>>;
  Status try_load(const std::filesystem::path& file, PluginOrigin origin);
  Status load_admitted(const std::filesystem::path& file);
  Status load_here(const PluginFile& file, PluginOrigin origin);
  Status load_outside(PluginManifest manifest, PluginOrigin origin, std::string file,
                      std::function<Result<PluginFile>()> contents);
  Status check_names(const PluginManifest& manifest, const std::string& file) const;
  Status init(const lw_plugin& plugin, const std::string& file);
  [[nodiscard]] const std::string& settings_of(const std::string& op) const;
  void add(PluginManifest manifest, std::string file, bool isolated,
           std::vector<std::unique_ptr<PluginOperator>> operators);
  [[nodiscard]] const ByName& table(std::uint32_t flags) const;

  std::atomic<std::size_t> unfinished_{0};
  CalleeThreads callee_threads_;
  const ServiceContext services_;
  const HostTableLog log_;
  const Settings settings_;
  PluginGuard* const guard_;
  OutsidePlugins* const outside_;
  std::set<std::filesystem::path> seen_;
  std::vector<std::unique_ptr<PluginLibrary>> libraries_;
  std::vector<const lw_plugin*> running_;  ///< in the order of init()
  std::vector<std::unique_ptr<PluginOperator>> owned_;
  ByName operators_;
  ByName callables_;
  std::map<const OperatorInfo*, PluginOperator*> by_info_;
  std::vector<Plugin> plugins_;
  std::vector<Problem> problems_;
  std::vector<Problem> warnings_;
};

}  // namespace leeward
