#include "host/app/connections.hpp"

#include <utility>

#include "core/base/json.hpp"

namespace leeward {
namespace {

constexpr std::string_view kDefaultConnection = "llm_default";

Error secret_error(std::string_view id, const Error& why) {
  const bool forbidden = why.code == "config.secret_permissions";
  std::string message = "the key of connection \"" + std::string{id} + "\": " + why.message;
  if (why.code == "secret.too_short") message += "; a placeholder for a key is written as it is: \"api_key\": \"none\"";
  return {forbidden ? why.code : "connection.secret", std::move(message)};
}

/// With a key or an address of its own in the environment there is something to talk to; a local server needs no key.
std::optional<ConnectionConfig> default_of(const Environment& environment) {
  const auto key = lookup(environment, kUsualKeyVariable);
  const auto url = lookup(environment, "OPENAI_BASE_URL");
  if (!key && !url) return std::nullopt;
  return ConnectionConfig{"openai", url.value_or("https://api.openai.com/v1"), key.value_or(""), 0, {}};
}

std::string public_json(std::string_view id, const ConnectionConfig& config, bool simulated) {
  JsonWriter json;
  json.begin_object().member("id", id).member("type", config.type).member("base_url", config.base_url);
  json.key("has_key").boolean(!config.api_key.empty() && !simulated);
  json.key("simulated").boolean(simulated);
  json.end_object();
  return json.take();
}

}  // namespace

Connections::Connections(const Config& config, const Environment& environment, const SecretSource& secrets,
                         SecretVault& vault)
    : secrets_(secrets), vault_(vault) {
  connections_.insert(config.connections.begin(), config.connections.end());
  if (auto fallback = default_of(environment))
    connections_.try_emplace(std::string{kDefaultConnection}, *std::move(fallback));
}

void Connections::simulate(std::string base_url) { simulation_ = std::move(base_url); }

bool Connections::has(std::string_view id) const { return simulation_ || connections_.find(id) != connections_.end(); }

Result<Connection> Connections::connection(std::string_view id) const {
  const auto at = connections_.find(id);
  if (simulation_) {
    // Rehearsed as it would run: the connection's own limit holds for the simulation too.
    const std::size_t limit = at == connections_.end() ? 0 : at->second.max_concurrency;
    const ConnectionConfig mock{"openai", *simulation_, "", limit, {}};
    return Connection{std::string{id}, mock.base_url, "", public_json(id, mock, true), limit, vault_.masker()};
  }
  if (at == connections_.end()) return Error{"connection.unknown", missing_message(id)};
  Result<std::string> key = key_of(at->second, id);
  if (!key) return std::move(key).error();
  return Connection{at->first,
                    at->second.base_url,
                    std::move(key).value(),
                    public_json(id, at->second, false),
                    at->second.max_concurrency,
                    vault_.masker()};
}

/// A short literal is a placeholder such as "none", which local servers are given; nothing has to be hidden then.
Result<std::string> Connections::key_of(const ConnectionConfig& config, std::string_view id) const {
  const std::string& key = config.api_key;
  if (!SecretSource::is_reference(key)) {
    if (key.size() < SecretMasker::kShortestSecret) return key;
    if (const Status known = vault_.add(key); !known) return secret_error(id, known.error());
    return key;
  }
  Result<std::string> secret = secrets_.resolve(key);
  if (!secret) return secret_error(id, secret.error());
  if (secret->find_first_of("\r\n") == std::string::npos) return secret;
  return secret_error(id, {"", key + ": one line was expected"});
}

std::string Connections::missing_message(std::string_view id) const {
  const std::string quoted = json_quote(id);
  std::string known;
  for (const auto& [name, config] : connections_) known += (known.empty() ? "" : ", ") + name;
  std::string message = "there is no connection " + quoted;
  if (!known.empty()) message += " (there are: " + known + ")";
  if (id == kDefaultConnection) {
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
