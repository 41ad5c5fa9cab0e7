#include "host/app/config.hpp"

#include <utility>

#include <sys/stat.h>

#include "core/base/json.hpp"
#include "core/base/json_schema.hpp"
#include "host/app/text_file.hpp"

namespace leeward {
namespace {

// The whole grammar of the file. What it knows and this version does not do (kNotEnforced) ends in a warning.
constexpr const char* kSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "$schema": {"type": "string"},
    "connections": {
      "type": "object",
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["base_url"],
        "properties": {
          "type": {"type": "string", "enum": ["openai", "http"]},
          "base_url": {"type": "string", "pattern": "^https?://[^\\s]+$"},
          "api_key": {"type": "string", "minLength": 1},
          "requests_per_minute": {"type": "integer", "minimum": 1},
          "tokens_per_minute": {"type": "integer", "minimum": 1},
          "max_concurrency": {"type": "integer", "minimum": 1}
        }
      }
    },
    "logs": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "max_attempt_bytes": {"type": "integer", "minimum": 0},
        "max_total_bytes": {"type": "integer", "minimum": 0}
      }
    },
    "plugins": {"type": "object", "additionalProperties": {"type": "object"}},
    "locked": {"type": "boolean"},
    "isolation": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "default": {"type": "string", "enum": ["auto", "in_process", "runner"]},
        "plugins": {"type": "object",
                    "additionalProperties": {"type": "string", "enum": ["auto", "in_process", "runner"]}},
        "calls": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "triggers": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "limits": {
          "type": "object",
          "additionalProperties": false,
          "properties": {"memory": {"type": ["integer", "string"]}, "file_size": {"type": ["integer", "string"]},
                         "files": {"type": "integer", "minimum": 16}, "processes": {"type": "integer"},
                         "read": {"type": "array"}, "write": {"type": "array"}, "hidden": {"type": "array"},
                         "local_sockets": {"type": "boolean"}}
        }
      }
    },
    "secrets": {
      "type": "object",
      "propertyNames": {"pattern": "^[A-Za-z0-9_.-]+$"},
      "additionalProperties": {
        "type": "object",
        "additionalProperties": false,
        "required": ["from"],
        "properties": {
          "from": {"type": "string"},
          "dags": {"type": "array", "items": {"type": "string"}},
          "operators": {"type": "array", "items": {"type": "string"}}
        }
      }
    },
    "pools": {
      "type": "object",
      "additionalProperties": {
        "type": ["integer", "object"],
        "minimum": 0,
        "required": ["slots"],
        "additionalProperties": false,
        "properties": {"slots": {"type": "integer", "minimum": 0}, "include_deferred": {"type": "boolean"}}
      }
    }
  }
})";

constexpr const char* kNotEnforced[] = {"requests_per_minute", "tokens_per_minute"};

bool is_literal_key(const std::string& key) { return !key.empty() && !key.starts_with("secret://"); }

ConnectionConfig connection_of(Json from, Config& config) {
  ConnectionConfig connection;
  if (const Json type = from["type"]) connection.type = type.string();
  connection.base_url = from["base_url"].string();
  if (const Json key = from["api_key"]) connection.api_key = key.string();
  connection.where = from.where();
  if (const Json limit = from["max_concurrency"])
    connection.max_concurrency = static_cast<std::size_t>(limit.integer().value_or(0));
  for (const char* name : kNotEnforced) {
    if (const Json limit = from[name])
      config.warnings.push_back({"config.not_enforced",
                                 std::string{name} +
                                     " is not enforced by this version: what exceeds it is sent, and only the server's "
                                     "own 429 slows it down; max_concurrency is enforced",
                                 limit.where()});
  }
  return connection;
}

/// A number of slots, or an object that says more.
PoolTable::Pool pool_of(Json from) {
  PoolTable::Pool pool;
  const Json slots = from.is_object() ? from["slots"] : from;
  pool.slots = static_cast<std::size_t>(slots.integer().value_or(0));
  if (const Json deferred = from["include_deferred"]) pool.include_deferred = deferred.boolean();
  return pool;
}

PluginPlace place_of(std::string_view word) {
  if (word == "in_process") return PluginPlace::in_process;
  return word == "runner" ? PluginPlace::runner : PluginPlace::automatic;
}

/// Lists of names, by plugin.
std::map<std::string, CallGrants::Names, std::less<>> call_grants_of(Json from, Config& config) {
  std::map<std::string, CallGrants::Names, std::less<>> grants;
  for (const Json plugin : from) {
    config.isolation_where.emplace(plugin.key(), plugin.where());
    for (const Json name : plugin) grants[std::string{plugin.key()}].emplace(name.string());
  }
  return grants;
}

void read_isolation(Json from, Config& config, Errors& errors) {
  if (const Json usual = from["default"]) config.isolation.usual = place_of(usual.string());
  for (const Json plugin : from["plugins"]) {
    config.isolation.plugins.emplace(plugin.key(), place_of(plugin.string()));
    config.isolation_where.emplace(plugin.key(), plugin.where());
  }
  config.isolation.calls = call_grants_of(from["calls"], config);
  config.isolation.triggers = call_grants_of(from["triggers"], config);
  for (const Json plugin : from["calls"]) {
    for (const Json callee : plugin) config.callees_where.emplace(callee.string(), callee.where());
  }
  if (const Json limits = from["limits"]) config.isolation.limits = SandboxLimits::of(limits, errors);
}

void check_reference(const Json& secret, Errors& errors) {
  if (SecretSource::is_reference(secret.string())) return;
  errors.push_back({"config.secret", "a secret is secret://env/NAME or secret://file/PATH", secret.where()});
}

std::optional<std::vector<std::string>> names_of(Json list) {
  if (!list) return std::nullopt;
  std::vector<std::string> names;
  for (const Json name : list) names.emplace_back(name.string());
  return names;
}

AttemptLog::Limits limits_of(Json logs) {
  AttemptLog::Limits limits;
  const auto read = [&](const char* name, std::uint64_t& into) {
    if (const Json bytes = logs[name]) into = static_cast<std::uint64_t>(bytes.integer().value_or(0));
  };
  read("max_attempt_bytes", limits.attempt_bytes);
  read("max_total_bytes", limits.total_bytes);
  return limits;
}

SecretGrant grant_of(Json from) {
  return {std::string{from["from"].string()}, names_of(from["dags"]), names_of(from["operators"]), from.where()};
}

}  // namespace

Config Config::parse(const std::string& text, const std::string& file, Errors& errors) {
  Config config;
  const auto document = JsonDocument::parse_all(text, file, {}, errors);
  if (!document || !errors.empty()) return config;
  const auto schema = JsonSchema::compile(JsonDocument::parse(kSchema).value());
  schema.value()->validate(document->root(), errors);
  if (!errors.empty()) return config;
  for (const Json connection : document->root()["connections"]) {
    const Json key = connection["api_key"];
    if (key && key.string().starts_with("secret://")) check_reference(key, errors);
    config.connections.emplace(connection.key(), connection_of(connection, config));
  }
  for (const Json settings : document->root()["plugins"]) {
    config.plugins.emplace(settings.key(), settings.text());
    config.plugins_where.emplace(settings.key(), settings.where());
  }
  if (const Json isolation = document->root()["isolation"]) read_isolation(isolation, config, errors);
  config.logs = limits_of(document->root()["logs"]);
  for (const Json secret : document->root()["secrets"]) {
    check_reference(secret["from"], errors);
    config.secrets.emplace(secret.key(), grant_of(secret));
  }
  for (const Json pool : document->root()["pools"]) config.pools.emplace(pool.key(), pool_of(pool));
  if (const Json locked = document->root()["locked"]) config.locked = locked.boolean();
  return config;
}

Config Config::read(const std::string& file, Errors& errors) {
  Result<TextFile> text = read_text_file(file);
  if (!text) {
    errors.push_back(std::move(text).error());
    return {};
  }
  if ((text->mode & (S_IWGRP | S_IWOTH)) != 0) {
    errors.push_back({"config.permissions",
                      "other users may write it, and so choose where keys are sent; mend it: chmod go-w '" + file + "'",
                      {file, "", 0, 0}});
  }
  Config config = parse(text->text, file, errors);
  for (const auto& [id, connection] : config.connections) {
    if (is_literal_key(connection.api_key) && (text->mode & (S_IRGRP | S_IROTH)) != 0) {
      errors.push_back({"config.permissions",
                        "it holds a key and other users may read it; mend it: chmod go-r '" + file +
                            "', or write secret://env/NAME in its place",
                        connection.where});
    }
  }
  return config;
}

}  // namespace leeward
