#include "host/app/connections.hpp"

#include <utility>

#include <sys/stat.h>

#include "core/base/json.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace {

constexpr std::string_view kDefault = "llm_default";
constexpr std::string_view kEnvSecret = "secret://env/";
constexpr std::string_view kFileSecret = "secret://file/";

Error secret_error(std::string_view id, std::string why) {
  return {"connection.secret", "the key of connection \"" + std::string{id} + "\": " + std::move(why)};
}

/// With a key or an address of its own in the environment there is something to talk to; a local server needs no key.
std::optional<ConnectionConfig> default_of(const Environment& environment) {
  const auto key = lookup(environment, "OPENAI_API_KEY");
  const auto url = lookup(environment, "OPENAI_BASE_URL");
  if (!key && !url) return std::nullopt;
  return ConnectionConfig{
      "openai", url.value_or("https://api.openai.com/v1"), key ? "secret://env/OPENAI_API_KEY" : "", 0, {}};
}

std::string public_json(std::string_view id, const ConnectionConfig& config, bool simulated) {
  JsonWriter json;
  json.begin_object().member("id", id).member("type", config.type).member("base_url", config.base_url);
  json.key("has_key").boolean(!config.api_key.empty() && !simulated);
  json.key("simulated").boolean(simulated);
  json.end_object();
  return json.take();
}

/// A line break at the end of a secret's file is the editor's, not the key's.
std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

Connections::Connections(const Config& config, Environment environment) : environment_(std::move(environment)) {
  connections_.insert(config.connections.begin(), config.connections.end());
  if (auto fallback = default_of(environment_)) connections_.try_emplace(std::string{kDefault}, *std::move(fallback));
}

void Connections::simulate(std::string base_url) { simulation_ = std::move(base_url); }

bool Connections::has(std::string_view id) const { return simulation_ || connections_.find(id) != connections_.end(); }

Result<Connection> Connections::connection(std::string_view id) const {
  const auto at = connections_.find(id);
  if (simulation_) {
    // Rehearsed as it would run: the connection's own limit holds for the simulation too.
    const std::size_t limit = at == connections_.end() ? 0 : at->second.max_concurrency;
    const ConnectionConfig mock{"openai", *simulation_, "", limit, {}};
    return Connection{std::string{id}, mock.base_url, "", public_json(id, mock, true), limit};
  }
  if (at == connections_.end()) return Error{"connection.unknown", missing_message(id)};
  Result<std::string> key = resolve(at->second.api_key, id);
  if (!key) return std::move(key).error();
  return Connection{at->first, at->second.base_url, std::move(key).value(), public_json(id, at->second, false),
                    at->second.max_concurrency};
}

Result<std::string> Connections::resolve(const std::string& key, std::string_view id) const {
  if (key.starts_with(kEnvSecret)) {
    const std::string name = key.substr(kEnvSecret.size());
    if (auto value = lookup(environment_, name)) return *std::move(value);
    return secret_error(id, "the environment variable " + name + " is not set");
  }
  if (!key.starts_with(kFileSecret)) return key;
  std::string path = key.substr(kFileSecret.size());
  if (!path.starts_with('/')) path.insert(0, "/");  // secret://file/run/secrets/x, secret://file//run/secrets/x
  Result<TextFile> file = read_text_file(path, 65536);
  if (!file) return secret_error(id, path + ": " + file.error().message);
  if ((file->mode & S_IWOTH) != 0)
    return secret_error(id, path + ": anybody may write it; mend it: chmod o-w '" + path + "'");
  std::string secret = without_line_end(std::move(file->text));
  if (secret.empty() || secret.find_first_of("\r\n") != std::string::npos)
    return secret_error(id, path + ": one line was expected");
  return secret;
}

std::string Connections::missing_message(std::string_view id) const {
  const std::string quoted = json_quote(id);
  std::string known;
  for (const auto& [name, config] : connections_) known += (known.empty() ? "" : ", ") + name;
  std::string message = "there is no connection " + quoted;
  if (!known.empty()) message += " (there are: " + known + ")";
  if (id == kDefault) {
    message +=
        "; set OPENAI_API_KEY (and OPENAI_BASE_URL for a server that is not OpenAI's), or describe it in the "
        "configuration: ";
  } else {
    message += "; describe it in the configuration: ";
  }
  message += "{\"connections\": {" + quoted + ": {\"base_url\": \"...\", \"api_key\": \"secret://env/NAME\"}}}";
  return message + "; or simulate the answers with --mock-llm";
}

}  // namespace leeward
