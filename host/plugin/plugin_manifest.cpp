#include "host/plugin/plugin_manifest.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/json.hpp"

namespace leeward {
namespace {

constexpr std::uint32_t kMaxOperators = 4096;
constexpr std::size_t kMaxText = std::size_t{1} << 20;
// The tables as version 1.0 has them. Not sizeof: that grows with the headers, and older plugins do not.
constexpr std::size_t kLeastPlugin = LW_SIZE_UP_TO(lw_plugin, get_extension);
constexpr std::size_t kLeastOperator = LW_SIZE_UP_TO(lw_operator, get_extension);

/// Collects the first thing that is wrong, so that reading a table stays a list of fields.
class Reader {
 public:
  Reader(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] bool ok() const { return fault_.empty(); }
  [[nodiscard]] Error error() const { return {"plugin.bad_descriptor", fault_, {file_, "", 0, 0}}; }
  void fault(std::string message) {
    if (fault_.empty()) fault_ = std::move(message);
  }

  std::string text(const char* value, const std::string& what) {
    if (value == nullptr) return {};
    const std::size_t length = ::strnlen(value, kMaxText);
    if (length == kMaxText) fault(what + " is longer than 1 MiB");
    std::string copy{value, length};
    if (!is_utf8(copy)) fault(what + " is not UTF-8");
    return copy;
  }

  /// Operators and plugins are named in specs and on command lines.
  std::string name(const char* value, const std::string& what) {
    std::string copy = text(value, what);
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
             c == '-';
    };
    if (copy.empty()) {
      fault(what + " is missing");
    } else if (copy.size() > 128 || !std::all_of(copy.begin(), copy.end(), allowed)) {
      fault(what + " must be 1 to 128 letters, digits, '_', '.' or '-', but is " + json_quote(copy));
    }
    return copy;
  }

  std::shared_ptr<const JsonSchema> schema(const std::string& json, const std::string& what) {
    if (json.empty()) return nullptr;
    auto document = JsonDocument::parse(json, what);
    if (!document) return fault(what + " is not JSON: " + to_string(document.error())), nullptr;
    auto schema = JsonSchema::compile(*document);
    if (!schema) return fault(what + " is no JSON Schema (draft-07): " + to_string(schema.error())), nullptr;
    return *schema;
  }

 private:
  std::string file_;
  std::string fault_;
};

OperatorTraits traits_of(std::uint32_t flags) {
  const auto has = [flags](std::uint32_t flag) { return (flags & flag) != 0; };
  OperatorTraits traits;
  traits.idempotent = has(LW_OP_IDEMPOTENT);
  traits.at_most_once = has(LW_OP_AT_MOST_ONCE);
  traits.pure = has(LW_OP_PURE);
  traits.inline_execution = has(LW_OP_INLINE);
  traits.async = has(LW_OP_ASYNC);
  traits.streams = has(LW_OP_STREAMS);
  traits.branches = has(LW_OP_BRANCHES);
  traits.isolate = has(LW_OP_ISOLATE);
  return traits;
}

PluginManifest::Entry read_operator(const lw_operator& table, std::uint32_t position, const std::string& plugin,
                                    Reader& reader) {
  PluginManifest::Entry entry;
  const std::string nth = "operator " + std::to_string(position);
  if (table.size < kLeastOperator) {
    reader.fault(nth + ": its table says " + std::to_string(table.size) + " bytes, at least " +
                 std::to_string(kLeastOperator) + " are needed");
    return entry;
  }
  entry.table = &table;
  entry.flags = table.flags;
  entry.info.name = reader.name(table.name, "the name of " + nth);
  const std::string of = " of operator " + json_quote(entry.info.name);
  entry.info.version = reader.text(table.version, "the version" + of);
  entry.info.doc = reader.text(table.doc, "the doc" + of);
  entry.info.plugin = plugin;
  entry.info.traits = traits_of(table.flags);
  entry.params_schema = reader.text(table.params_schema, "params_schema" + of);
  entry.output_schema = reader.text(table.output_schema, "output_schema" + of);
  entry.info.params_schema = reader.schema(entry.params_schema, "params_schema" + of);
  entry.info.output_schema = reader.schema(entry.output_schema, "output_schema" + of);
  if (table.create == nullptr || table.execute == nullptr) reader.fault("create or execute" + of + " is missing");
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
  Reader reader{file};
  if (plugin == nullptr) return Error{"plugin.bad_descriptor", "its entry point returned nothing", {file, "", 0, 0}};
  if (auto fault = version_fault(*plugin)) return Error{"plugin.abi", *fault, {file, "", 0, 0}};
  if (plugin->size < kLeastPlugin) {
    reader.fault("its descriptor says " + std::to_string(plugin->size) + " bytes, at least " +
                 std::to_string(kLeastPlugin) + " are needed");
    return reader.error();
  }
  PluginManifest manifest;
  manifest.abi_version = plugin->abi_version;
  manifest.abi_needs = plugin->abi_needs;
  manifest.name = reader.name(plugin->name, "the plugin's name");
  manifest.version = reader.text(plugin->version, "the plugin's version");
  manifest.license = reader.text(plugin->license, "the plugin's license");
  manifest.doc = reader.text(plugin->doc, "the plugin's doc");
  if (plugin->operator_count == 0 || plugin->operators == nullptr) reader.fault("it has no operators");
  if (plugin->operator_count > kMaxOperators)
    reader.fault("it says it has " + std::to_string(plugin->operator_count) + " operators");
  if (plugin->operator_stride < kLeastOperator || plugin->operator_stride % alignof(lw_operator) != 0) {
    reader.fault("operator_stride is " + std::to_string(plugin->operator_stride) + ", at least " +
                 std::to_string(kLeastOperator) + " was expected");
  }
  const char* row = reinterpret_cast<const char*>(plugin->operators);
  for (std::uint32_t i = 0; reader.ok() && i < plugin->operator_count; ++i, row += plugin->operator_stride) {
    manifest.entries.push_back(read_operator(*reinterpret_cast<const lw_operator*>(row), i, manifest.name, reader));
  }
  if (!reader.ok()) return reader.error();
  return manifest;
}

}  // namespace leeward
