#include "host/plugin/plugin_lock.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/json_schema.hpp"
#include "host/plugin/state_file.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSchema = R"({
  "type": "object", "required": ["version", "plugins"], "additionalProperties": false,
  "properties": {
    "version": {"const": 1},
    "plugins": {"type": "array", "items": {
      "type": "object", "required": ["name", "version", "sha256", "operators"], "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "minLength": 1},
        "version": {"type": "string"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "operators": {"type": "array", "items": {"type": "string"}},
        "file": {"type": "string"}}}}}
})";

PluginLock::Entry read_entry(const Json& json) {
  PluginLock::Entry entry;
  entry.name = json["name"].string();
  entry.version = json["version"].string();
  entry.sha256 = json["sha256"].string();
  for (const Json name : json["operators"]) entry.operators.emplace_back(name.string());
  if (const Json file = json["file"]) entry.file = file.string();
  return entry;
}

/// ", operators added: a, b"; nothing if there are none.
std::string listed(const char* what, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "" : std::string{", operators "} + what + ": " + text;
}

std::vector<std::string> missing_in(const std::vector<std::string>& there, const std::vector<std::string>& names) {
  std::vector<std::string> missing;
  std::set_difference(names.begin(), names.end(), there.begin(), there.end(), std::back_inserter(missing));
  return missing;
}

std::string difference(const PluginLock::Entry& before, const PluginLock::Entry& now) {
  if (before.sha256 == now.sha256) return before == now ? "unchanged" : "the same contents, described anew";
  std::string text =
      "contents changed, sha256 " + before.sha256.substr(0, 12) + "... -> " + now.sha256.substr(0, 12) + "...";
  if (before.version != now.version) text += ", version " + before.version + " -> " + now.version;
  return text + listed("added", missing_in(before.operators, now.operators)) +
         listed("gone", missing_in(now.operators, before.operators));
}

}  // namespace

Result<PluginLock> PluginLock::read(const fs::path& file) {
  const Result<std::string> text = read_state_file(file);
  if (!text && text.error().code == "file.missing") return PluginLock{};
  if (!text) return text.error();
  return parse(*text, file.string());
}

Result<PluginLock> PluginLock::parse(const std::string& text, const std::string& file) {
  const auto damaged = [](const Error& why) { return Error{"lock.damaged", why.message, why.where}; };
  const auto document = JsonDocument::parse(text, file);
  if (!document) return damaged(document.error());
  Errors errors;
  const auto schema = JsonSchema::compile(JsonDocument::parse(kSchema).value());
  schema.value()->validate((*document)->root(), errors);
  if (!errors.empty()) return damaged(errors.front());
  PluginLock lock;
  for (const Json plugin : (*document)->root()["plugins"]) {
    if (lock.named(plugin["name"].string()) != nullptr)
      return Error{"lock.damaged", "plugin " + json_quote(plugin["name"].string()) + " is there twice", plugin.where()};
    lock.trust(read_entry(plugin));
  }
  return lock;
}

std::string PluginLock::json() const {
  JsonWriter json;
  json.begin_object().member("version", std::int64_t{1}).key("plugins").begin_array();
  for (const Entry& entry : entries_) {
    json.begin_object().member("name", entry.name).member("version", entry.version).member("sha256", entry.sha256);
    json.key("operators").begin_array();
    for (const std::string& name : entry.operators) json.string(name);
    json.end_array().member("file", entry.file).end_object();
  }
  json.end_array().end_object();
  return json_pretty(json.text()) + "\n";
}

Status PluginLock::write(const fs::path& file) const { return write_state_file(file, json()); }

PluginLock::Entry PluginLock::entry_of(const PluginManifest& manifest, const std::string& sha256,
                                       const fs::path& file) {
  Entry entry{manifest.name, manifest.version, sha256, {}, file.filename().string()};
  for (const PluginManifest::Entry& op : manifest.entries) entry.operators.push_back(op.info.name);
  std::sort(entry.operators.begin(), entry.operators.end());
  return entry;
}

const PluginLock::Entry* PluginLock::with_sha256(std::string_view sha256) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.sha256 == sha256; });
  return at == entries_.end() ? nullptr : &*at;
}

const PluginLock::Entry* PluginLock::named(std::string_view plugin) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.name == plugin; });
  return at == entries_.end() ? nullptr : &*at;
}

const PluginLock::Entry* PluginLock::of_file(std::string_view name) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.file == name; });
  return at == entries_.end() ? nullptr : &*at;
}

std::string PluginLock::trust(Entry entry) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), entry,
                                   [](const Entry& a, const Entry& b) { return a.name < b.name; });
  if (at != entries_.end() && at->name == entry.name) {
    std::string change = difference(*at, entry);
    *at = std::move(entry);
    return change;
  }
  std::string change = "added, version " + entry.version + ", sha256 " + entry.sha256.substr(0, 12) + "...";
  change += listed("it brings", entry.operators);
  entries_.insert(at, std::move(entry));
  return change;
}

}  // namespace leeward
