#include "host/runner/isolation.hpp"

#include <algorithm>
#include <utility>

#include "host/runner/remote_operator.hpp"

namespace leeward {
namespace {

/// Of what ships: what reads what any server sends.
constexpr std::string_view kReadsStrangers[] = {"llm", "http_sensor"};

CallGrants::Names granted(const std::map<std::string, CallGrants::Names, std::less<>>& by_plugin,
                          const std::string& plugin) {
  const auto names = by_plugin.find(plugin);
  return names == by_plugin.end() ? CallGrants::Names{} : names->second;
}

bool asks_for_it(const PluginManifest::Entry& entry) { return entry.info.traits.isolate; }

}  // namespace

bool IsolatedPlugins::takes(const PluginManifest& manifest, PluginOrigin origin) const {
  const auto named = isolation_.plugins.find(manifest.name);
  const PluginPlace place = named == isolation_.plugins.end() ? isolation_.usual : named->second;
  if (place != PluginPlace::automatic) return place == PluginPlace::runner;
  return origin == PluginOrigin::stranger ||
         std::any_of(manifest.entries.begin(), manifest.entries.end(), asks_for_it) ||
         std::find(std::begin(kReadsStrangers), std::end(kReadsStrangers), manifest.name) != std::end(kReadsStrangers);
}

std::vector<std::unique_ptr<PluginOperator>> IsolatedPlugins::operators_of(OutsidePlugin plugin,
                                                                           const ServiceContext& services) {
  RunnerProcess::Options options;
  const std::string& name = plugin.manifest.name;
  options.plugin = name;
  options.grants = {name, plugin.origin == PluginOrigin::shipped, granted(isolation_.calls, name),
                    granted(isolation_.triggers, name)};
  options.file = std::move(plugin.file);
  options.contents = std::move(plugin.contents);
  options.operators = plugin.manifest.entries.size();
  options.settings = std::move(plugin.settings);
  options.limits = isolation_.limits;
  options.stop_grace = isolation_.stop_grace;
  options.program_file = isolation_.program;
  const auto runner = std::make_shared<RunnerProcess>(std::move(options), services);
  std::vector<std::unique_ptr<PluginOperator>> operators;
  std::uint32_t place = 0;
  for (PluginManifest::Entry& entry : plugin.manifest.entries)
    operators.push_back(std::make_unique<RemoteOperator>(std::move(entry), place++, runner));
  return operators;
}

}  // namespace leeward
