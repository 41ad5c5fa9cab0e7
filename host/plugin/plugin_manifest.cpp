#include "host/plugin/plugin_manifest.hpp"

#include <cstddef>
#include <optional>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/manifest_checker.hpp"

namespace leeward {
namespace {

// The tables as version 1.0 has them. Not sizeof: that grows with the headers, and older plugins do not.
constexpr std::size_t kLeastPlugin = LW_SIZE_UP_TO(lw_plugin, get_extension);
constexpr std::size_t kLeastOperator = LW_SIZE_UP_TO(lw_operator, get_extension);

PluginManifest::Entry read_operator(const lw_operator& table, std::uint32_t position, const std::string& plugin,
                                    ManifestChecker& checker) {
  PluginManifest::Entry entry;
  const std::string nth = "operator " + std::to_string(position);
  if (table.size < kLeastOperator) {
    checker.fault(nth + ": its table says " + std::to_string(table.size) + " bytes, at least " +
                  std::to_string(kLeastOperator) + " are needed");
    return entry;
  }
  entry.table = &table;
  entry.flags = table.flags;
  entry.info.name = checker.text(table.name, "the name of " + nth);
  checker.name(entry.info.name, "the name of " + nth);
  const std::string of = " of operator " + json_quote(entry.info.name);
  entry.info.version = checker.text(table.version, "the version" + of);
  entry.info.doc = checker.text(table.doc, "the doc" + of);
  entry.info.plugin = plugin;
  entry.info.traits = traits_of(table.flags);
  entry.params_schema = checker.text(table.params_schema, "params_schema" + of);
  entry.output_schema = checker.text(table.output_schema, "output_schema" + of);
  entry.info.params_schema = checker.schema(entry.params_schema, "params_schema" + of);
  entry.info.output_schema = checker.schema(entry.output_schema, "output_schema" + of);
  if (table.create == nullptr || table.execute == nullptr) checker.fault("create or execute" + of + " is missing");
  return entry;
}

std::optional<std::string> version_fault(const lw_plugin& plugin) {
  if (plugin.size < offsetof(lw_plugin, operator_count)) {
    return "its descriptor says " + std::to_string(plugin.size) + " bytes, at least " + std::to_string(kLeastPlugin) +
           " are needed";
  }
  const std::string here = "; this leeward has " + abi_text(LW_ABI_VERSION);
  if (plugin.abi_needs > LW_ABI_VERSION) {
    return "it needs plugin interface " + abi_text(plugin.abi_needs) + here + ": a newer leeward is needed";
  }
  if (plugin.abi_version >> 16 != LW_ABI_MAJOR) {
    return "it was built for plugin interface " + abi_text(plugin.abi_version) + here;
  }
  return std::nullopt;
}

}  // namespace

std::string abi_text(std::uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version & 0xffffu);
}

std::vector<std::string> flag_names(std::uint32_t flags) {
  static constexpr std::pair<std::uint32_t, const char*> kNames[] = {{LW_OP_IDEMPOTENT, "idempotent"},
                                                                     {LW_OP_AT_MOST_ONCE, "at_most_once"},
                                                                     {LW_OP_PURE, "pure"},
                                                                     {LW_OP_INLINE, "inline"},
                                                                     {LW_OP_ASYNC, "async"},
                                                                     {LW_OP_CONCURRENT, "concurrent"},
                                                                     {LW_OP_STREAMS, "streams"},
                                                                     {LW_OP_BRANCHES, "branches"},
                                                                     {LW_OP_CALLABLE, "callable"},
                                                                     {LW_OP_ISOLATE, "isolate"}};
  std::vector<std::string> names;
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) != 0) names.emplace_back(name);
  }
  return names;
}

Result<PluginManifest> PluginManifest::read(const lw_plugin* plugin, const std::string& file) {
  ManifestChecker checker{file};
  if (plugin == nullptr) return Error{"plugin.bad_descriptor", "its entry point returned nothing", {file, "", 0, 0}};
  if (auto fault = version_fault(*plugin)) return Error{"plugin.abi", *fault, {file, "", 0, 0}};
  if (plugin->size < kLeastPlugin) {
    checker.fault("its descriptor says " + std::to_string(plugin->size) + " bytes, at least " +
                  std::to_string(kLeastPlugin) + " are needed");
    return checker.error();
  }
  PluginManifest manifest;
  manifest.abi_version = plugin->abi_version;
  manifest.abi_needs = plugin->abi_needs;
  manifest.name = checker.text(plugin->name, "the plugin's name");
  checker.name(manifest.name, "the plugin's name");
  manifest.version = checker.text(plugin->version, "the plugin's version");
  manifest.license = checker.text(plugin->license, "the plugin's license");
  manifest.doc = checker.text(plugin->doc, "the plugin's doc");
  checker.operator_count(plugin->operators == nullptr ? 0 : plugin->operator_count);
  if (plugin->operator_stride < kLeastOperator || plugin->operator_stride % alignof(lw_operator) != 0) {
    checker.fault("operator_stride is " + std::to_string(plugin->operator_stride) + ", at least " +
                  std::to_string(kLeastOperator) + " was expected");
  }
  const char* row = reinterpret_cast<const char*>(plugin->operators);
  for (std::uint32_t i = 0; checker.ok() && i < plugin->operator_count; ++i, row += plugin->operator_stride) {
    manifest.entries.push_back(read_operator(*reinterpret_cast<const lw_operator*>(row), i, manifest.name, checker));
  }
  if (!checker.ok()) return checker.error();
  return manifest;
}

}  // namespace leeward
