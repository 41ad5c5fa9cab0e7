#include "settings.hpp"

#include <cmath>

namespace llm {
namespace {

constexpr const char* kDefaultModel = "gpt-4";
constexpr double kDefaultTemperature = 0.7;
constexpr int kDefaultMaxTokens = 1000;

std::int64_t milliseconds(const Json& params, const char* name, double default_seconds) {
  const Json* seconds = member(params, name);
  const double value = seconds != nullptr && seconds->is_number() ? seconds->get<double>() : default_seconds;
  return static_cast<std::int64_t>(std::ceil(value * 1000.0));
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
