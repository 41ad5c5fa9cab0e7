#include "host/plugin/manifest_codec.hpp"

#include <limits>
#include <utility>

#include "host/plugin/manifest_checker.hpp"

namespace leeward {
namespace {

void write_entry(JsonWriter& json, const PluginManifest::Entry& entry) {
  json.begin_object().member("name", entry.info.name).member("version", entry.info.version);
  json.member("doc", entry.info.doc).member("flags", std::int64_t{entry.flags});
  json.member("params_schema", entry.params_schema).member("output_schema", entry.output_schema).end_object();
}

/// Reads members that a descriptor of C would have; a missing one, or one of another kind, is a fault.
class MemberReader {
 public:
  MemberReader(const Json& json, std::string of, ManifestChecker& checker)
      : json_(json), of_(std::move(of)), checker_(checker) {}

  [[nodiscard]] std::string text(const char* name) const {
    const Json json = json_[name];
    if (!json.is_string()) return checker_.fault(named(name) + " is no text"), std::string{};
    std::string text{json.string()};
    if (text.size() >= ManifestChecker::kMaxText) checker_.fault(named(name) + " is longer than 1 MiB");
    if (text.find('\0') != std::string::npos) checker_.fault(named(name) + " contains a NUL character");
    return text;
  }
  [[nodiscard]] std::uint32_t number(const char* name) const {
    const Json json = json_[name];
    const auto number = json.is_number() ? json.integer() : std::nullopt;
    if (number && *number >= 0 && *number <= std::numeric_limits<std::uint32_t>::max())
      return static_cast<std::uint32_t>(*number);
    checker_.fault(named(name) + " is no number of 32 bits");
    return 0;
  }
  [[nodiscard]] std::string named(const char* name) const { return std::string{name} + of_; }

 private:
  const Json& json_;
  std::string of_;
  ManifestChecker& checker_;
};

PluginManifest::Entry entry_of(const Json& json, const std::string& plugin, ManifestChecker& checker) {
  PluginManifest::Entry entry;
  entry.info.name = MemberReader{json, " of an operator", checker}.text("name");
  checker.name(entry.info.name, "the name of an operator");
  const MemberReader reader{json, " of operator " + json_quote(entry.info.name), checker};
  entry.info.version = reader.text("version");
  entry.info.doc = reader.text("doc");
  entry.info.plugin = plugin;
  entry.flags = reader.number("flags");
  entry.info.traits = traits_of(entry.flags);
  entry.params_schema = reader.text("params_schema");
  entry.output_schema = reader.text("output_schema");
  entry.info.params_schema = checker.schema(entry.params_schema, reader.named("params_schema"));
  entry.info.output_schema = checker.schema(entry.output_schema, reader.named("output_schema"));
  return entry;
}

}  // namespace

std::string manifest_json(const PluginManifest& manifest) {
  JsonWriter json;
  json.begin_object().member("name", manifest.name).member("version", manifest.version);
  json.member("license", manifest.license).member("doc", manifest.doc);
  json.member("abi_version", std::int64_t{manifest.abi_version});
  json.member("abi_needs", std::int64_t{manifest.abi_needs}).key("operators").begin_array();
  for (const PluginManifest::Entry& entry : manifest.entries) write_entry(json, entry);
  json.end_array().end_object();
  return json.take();
}

Result<PluginManifest> manifest_of(const Json& json, const std::string& file) {
  ManifestChecker checker{file};
  const MemberReader reader{json, " of the plugin", checker};
  PluginManifest manifest;
  manifest.name = reader.text("name");
  checker.name(manifest.name, "the plugin's name");
  manifest.version = reader.text("version");
  manifest.license = reader.text("license");
  manifest.doc = reader.text("doc");
  manifest.abi_version = reader.number("abi_version");
  manifest.abi_needs = reader.number("abi_needs");
  const Json operators = json["operators"];
  checker.operator_count(operators.is_array() ? operators.size() : 0);
  for (const Json entry : operators) {
    if (!checker.ok()) break;
    manifest.entries.push_back(entry_of(entry, manifest.name, checker));
  }
  if (!checker.ok()) return checker.error();
  return manifest;
}

}  // namespace leeward
