#include "host/plugin/probe_cache.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/json.hpp"
#include "host/plugin/manifest_codec.hpp"
#include "host/plugin/state_file.hpp"

namespace leeward {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFormat = "1";

/// A missing library may be installed, a limit raised, a busy machine less busy: none of that changes the file.
bool lies_in_contents(const Error& refusal) {
  static constexpr const char* kCodes[] = {"plugin.crashed",  "plugin.hung", "plugin.bad_answer",
                                           "plugin.no_entry", "plugin.abi",  "plugin.bad_descriptor"};
  return std::find(std::begin(kCodes), std::end(kCodes), refusal.code) != std::end(kCodes) &&
         refusal.message.find("killed by SIGKILL") == std::string::npos;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// A document that this version of the program wrote; null otherwise.
std::shared_ptr<const JsonDocument> document_in(const fs::path& file, const std::string& program) {
  const Result<std::string> text = read_state_file(file);
  if (!text) return nullptr;
  auto document = JsonDocument::parse(*text, file.string());
  if (!document) return nullptr;
  const Json maker = (*document)->root()["program"];
  return maker.is_string() && maker.string() == program ? std::move(document).value() : nullptr;
}

void write_identity(JsonWriter& json, const FileIdentity& identity) {
  json.member("device", std::to_string(identity.device)).member("inode", std::to_string(identity.inode));
  json.member("size", std::to_string(identity.size)).member("modified_ns", identity.modified_ns);
  json.member("changed_ns", identity.changed_ns);
}

bool says(const Json& json, std::string_view text) { return json.is_string() && json.string() == text; }
bool says(const Json& json, std::int64_t number) { return json.is_number() && json.integer() == number; }

bool is_identity(const Json& json, const FileIdentity& identity) {
  return says(json["device"], std::to_string(identity.device)) && says(json["inode"], std::to_string(identity.inode)) &&
         says(json["size"], std::to_string(identity.size)) && says(json["modified_ns"], identity.modified_ns) &&
         says(json["changed_ns"], identity.changed_ns);
}

/// Looking makes no home folder where there is none.
void write_entry(const fs::path& folder, const fs::path& file, const std::string& text) {
  std::error_code ignored;
  if (fs::exists(folder.parent_path().parent_path(), ignored)) static_cast<void>(write_state_file(file, text));
}

fs::path file_entry(const fs::path& folder, const fs::path& file) {
  return folder / (sha256_hex(file.string()).substr(0, 32) + ".file");
}

}  // namespace

ProbeCache::ProbeCache(fs::path folder, std::string program)
    : folder_(std::move(folder)), program_(std::move(program) + ", format " + kFormat) {}

std::optional<std::string> ProbeCache::sha256_of(const fs::path& file, const FileIdentity& now) const {
  const auto document = document_in(file_entry(folder_, file), program_);
  if (!document) return std::nullopt;
  const Json root = document->root();
  const Json sha256 = root["sha256"];
  if (!says(root["path"], file.string()) || !is_identity(root, now)) return std::nullopt;
  if (!sha256.is_string() || !is_sha256(sha256.string())) return std::nullopt;
  return std::string{sha256.string()};
}

void ProbeCache::remember(const fs::path& file, const FileIdentity& identity, const std::string& sha256) const {
  JsonWriter json;
  json.begin_object().member("program", program_).member("path", file.string());
  write_identity(json, identity);
  json.member("sha256", sha256).end_object();
  write_entry(folder_, file_entry(folder_, file), json.text());
}

std::optional<Result<PluginManifest>> ProbeCache::find(const std::string& sha256, const std::string& file) const {
  const auto document = document_in(folder_ / (sha256 + ".json"), program_);
  if (!document) return std::nullopt;
  const Json root = document->root();
  if (!says(root["sha256"], sha256)) return std::nullopt;
  if (const Json manifest = root["manifest"]) {
    auto found = manifest_of(manifest, file);
    if (!found) return std::nullopt;  // what is kept here was good
    return found;
  }
  const Json code = root["error"]["code"];
  const Json message = root["error"]["message"];
  if (!code.is_string() || !message.is_string()) return std::nullopt;
  return Error{std::string{code.string()}, std::string{message.string()}, {file, "", 0, 0}};
}

void ProbeCache::remember(const std::string& sha256, const Result<PluginManifest>& found) const {
  if (!found && !lies_in_contents(found.error())) return;
  JsonWriter json;
  json.begin_object().member("program", program_).member("sha256", sha256);
  if (found) {
    json.key("manifest").raw(manifest_json(*found));
  } else {
    json.key("error").begin_object().member("code", found.error().code);
    json.member("message", found.error().message).end_object();
  }
  json.end_object();
  write_entry(folder_, folder_ / (sha256 + ".json"), json.text());
}

void ProbeCache::forget(const std::string& sha256) const {
  std::error_code ignored;
  fs::remove(folder_ / (sha256 + ".json"), ignored);
}

}  // namespace leeward
