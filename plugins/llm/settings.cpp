#include "settings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace llm {
namespace {

constexpr const char* kDefaultModel = "gpt-4";
constexpr double kDefaultTemperature = 0.7;
constexpr int kDefaultMaxTokens = 1000;

constexpr double kLongestSeconds = 86'400;

/// "90s", "1m30s", "500ms": durations as the engine's own keys take them. REQUIRES: the schema's pattern was kept.
double seconds_of(const std::string& text) {
  double seconds = 0;
  for (const char* at = text.c_str(); *at != '\0';) {
    char* unit = nullptr;
    const double number = std::strtod(at, &unit);
    const bool is_ms = unit[0] == 'm' && unit[1] == 's';
    if (unit == at || *unit == '\0') break;
    seconds += number * (is_ms ? 0.001 : *unit == 'm' ? 60 : *unit == 'h' ? 3600 : 1);
    at = unit + (is_ms ? 2 : 1);
  }
  return std::clamp(seconds, 0.001, kLongestSeconds);
}

std::int64_t milliseconds(const Json& params, const char* name, double default_seconds) {
  const Json* given = member(params, name);
  double seconds = default_seconds;
  if (given != nullptr && given->is_number()) seconds = given->get<double>();
  if (given != nullptr && given->is_string()) seconds = seconds_of(given->get<std::string>());
  return static_cast<std::int64_t>(std::ceil(seconds * 1000.0));
}

std::vector<std::string> models_of(const Json& params, const Json& connection) {
  std::vector<std::string> models;
  if (const Json* list = member(params, "models"); list != nullptr && list->is_array()) {
    for (const Json& model : *list) {
      if (model.is_string()) models.push_back(model.get<std::string>());
    }
  }
  if (const std::string model = text_member(params, "model"); models.empty() && !model.empty()) models.push_back(model);
  if (const std::string model = text_member(connection, "model"); models.empty() && !model.empty())
    models.push_back(model);
  if (models.empty()) models.emplace_back(kDefaultModel);
  return models;
}

Json messages_of(const Json& params) {
  Json messages = Json::array();
  if (const Json* system = member(params, "system"); system != nullptr && system->is_string()) {
    messages.push_back({{"role", "system"}, {"content", *system}});
  }
  if (const Json* list = member(params, "messages"); list != nullptr && list->is_array()) {
    for (const Json& message : *list) messages.push_back(message);
  }
  if (const Json* prompt = member(params, "prompt"); prompt != nullptr && prompt->is_string()) {
    messages.push_back({{"role", "user"}, {"content", *prompt}});
  }
  return messages;
}

Json options_of(const Json& params) {
  Json options = Json::object();
  for (const char* name : {"temperature", "top_p", "stop", "seed", "response_format"}) {
    if (const Json* value = member(params, name); value != nullptr && !value->is_null()) options[name] = *value;
  }
  if (member(params, "temperature") == nullptr) options["temperature"] = kDefaultTemperature;
  return options;
}

}  // namespace

std::variant<Settings, std::string> read_settings(const Json& params, const Json& connection) {
  Settings settings;
  settings.provider = text_member(connection, "type");
  if (settings.provider.empty()) settings.provider = "openai";
  if (settings.provider == "anthropic") {
    return "the connection's type is \"anthropic\", whose own protocol the llm operator does not speak; "
           "point base_url at an OpenAI-compatible endpoint and set type to \"openai\"";
  }
  settings.models = models_of(params, connection);
  settings.messages = messages_of(params);
  settings.options = options_of(params);
  settings.temperature_given = member(params, "temperature") != nullptr;

  const Json* max_tokens = member(params, "max_tokens");
  settings.max_tokens_given = max_tokens != nullptr;
  settings.max_tokens = max_tokens != nullptr ? *max_tokens : Json(kDefaultMaxTokens);
  settings.token_limit_field = text_member(params, "token_limit_field");
  if (settings.token_limit_field.empty()) settings.token_limit_field = text_member(connection, "token_limit_field");
  if (settings.token_limit_field.empty()) settings.token_limit_field = "auto";

  if (const Json* stream = member(params, "stream"); stream != nullptr && stream->is_boolean())
    settings.stream = *stream;
  settings.connection = text_member(params, "connection");
  if (settings.connection.empty()) settings.connection = kDefaultConnection;
  if (const Json* retries = member(params, "max_retries"); retries != nullptr && retries->is_number_integer()) {
    settings.max_retries = retries->get<int>();
  }
  settings.timeout_ms = milliseconds(params, "timeout", 600);
  settings.first_token_timeout_ms = milliseconds(params, "first_token_timeout", settings.stream ? 60 : 300);
  settings.idle_timeout_ms = milliseconds(params, "idle_timeout", 60);
  settings.retry_after_cap_ms = milliseconds(params, "max_retry_after", 120);
  return settings;
}

}  // namespace llm
