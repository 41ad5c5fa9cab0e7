#include "host/mock/mock_script.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "core/base/json_schema.hpp"
#include "host/mock/mock_script_schema.hpp"

namespace leeward {
namespace {

const JsonSchema& schema() {
  static const std::shared_ptr<const JsonSchema> compiled = [] {
    auto document = JsonDocument::parse(kMockScriptSchema, "mock script schema");
    LW_ASSERT(document.ok(), "the schema of mock scripts is JSON");
    auto result = JsonSchema::compile(*document);
    LW_ASSERT(result.ok(), "the schema of mock scripts is a schema");
    return *result;
  }();
  return *compiled;
}

void read(const Json& json, std::int64_t& into) {
  if (json.is_integer()) into = json.integer().value_or(into);
}
void read(const Json& json, std::size_t& into) {
  if (json.is_integer()) into = static_cast<std::size_t>(json.integer().value_or(0));
}
void read(const Json& json, bool& into) {
  if (json.is_boolean()) into = json.boolean();
}
template <class T>
void read(const Json& json, std::optional<T>& into) {
  if (!json.exists() || json.is_null()) return;
  T value{};
  read(json, value);
  into = value;
}
void read(const Json& json, std::string& into) {
  if (json.is_string()) into = json.string();
}

void read_timing(const Json& json, MockReply& reply) {
  read(json["latency_ms"], reply.latency_ms);
  read(json["first_token_ms"], reply.first_token_ms);
  read(json["chunk_delay_ms"], reply.chunk_delay_ms);
  read(json["chunk_characters"], reply.chunk_characters);
  read(json["write_bytes"], reply.write_bytes);
}

std::string_view default_error_type(int status) {
  if (status == 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

// A bare text becomes OpenAI's error object; an object is sent as written.
std::string read_error(const Json& json, int status) {
  if (json.is_object()) return R"({"error":)" + std::string{json.text()} + "}";
  std::string message = "scripted error " + std::to_string(status);
  read(json, message);
  return mock_error_json(message, default_error_type(status));
}

MockReply::End end_named(std::string_view name) {
  if (name == "cut") return MockReply::End::cut;
  if (name == "reset") return MockReply::End::reset;
  if (name == "hang") return MockReply::End::hang;
  return MockReply::End::close;
}

void read_answer(const Json& json, MockReply& reply) {
  if (json["text"].is_string()) reply.text = json["text"].string();
  if (json["refusal"].is_string()) reply.refusal = json["refusal"].string();
  if (const Json reason = json["finish_reason"]; reason.exists()) {
    reply.finish_reason = reason.is_string() ? std::string{reason.string()} : std::string{};
  }
  if (json["usage"].is_null()) reply.tells_usage = false;
  read(json["usage"]["input_tokens"], reply.input_tokens);
  read(json["usage"]["output_tokens"], reply.output_tokens);
  read(json["done"], reply.sends_done);
}

void read_fault(const Json& json, MockReply& reply) {
  if (json["status"].is_integer()) reply.status = static_cast<int>(json["status"].integer().value_or(200));
  if (reply.status != 200) reply.error_json = read_error(json["error"], reply.status);
  if (json["stream_error"].exists()) reply.stream_error_json = read_error(json["stream_error"], 500);
  if (const Json body = json["body"]; body.exists()) {
    reply.raw_body = body.is_string() ? std::string{body.string()} : std::string{body.text()};
    reply.content_type = body.is_string() ? "text/plain" : "application/json";
  }
  read(json["content_type"], reply.content_type);
  if (const Json wait = json["retry_after"]; wait.exists()) {
    reply.headers.emplace_back("retry-after", wait.is_string() ? wait.string() : wait.text());
  }
  for (const Json header : json["headers"]) reply.headers.emplace_back(header.key(), header.string());
  read(json["stop_after_chunks"], reply.stop_after_chunks);
  read(json["stop_after_bytes"], reply.stop_after_bytes);
  const bool stops = reply.stop_after_chunks || reply.stop_after_bytes;
  if (json["end"].is_string()) reply.end = end_named(json["end"].string());
  if (stops && reply.end == MockReply::End::whole) reply.end = MockReply::End::close;
}

}  // namespace

Result<MockScript> MockScript::parse(std::string text, const std::string& name, Errors& errors) {
  MockScript script;
  if (text.empty()) return script;
  const auto document = JsonDocument::parse_all(std::move(text), name, {}, errors);
  if (document) schema().validate(document->root(), errors);
  if (!errors.empty()) return errors.front();

  const Json root = document->root();
  read(root["api_key"], script.api_key_);
  for (const Json model : root["models"]) script.models_.emplace_back(model.string());
  read_timing(root["defaults"], script.defaults_);
  for (const Json rule : root["rules"]) script.rules_.push_back(read_rule(rule, script.defaults_));
  return script;
}

MockScript::Rule MockScript::read_rule(const Json& json, const MockReply& defaults) {
  Rule rule;
  rule.reply = defaults;
  read(json["model"], rule.model);
  read(json["contains"], rule.contains);
  read(json["stream"], rule.stream);
  read(json["times"], rule.times);
  if (const Json call = json["call"]; call.is_integer()) rule.calls.push_back(call.integer().value_or(0));
  for (const Json call : json["call"]) rule.calls.push_back(call.integer().value_or(0));
  read_timing(json, rule.reply);
  read_answer(json, rule.reply);
  read_fault(json, rule.reply);
  return rule;
}

bool MockScript::fits(Rule& rule, std::string_view model, std::string_view prompt, bool stream) {
  if (!rule.model.empty() && rule.model != model) return false;
  if (prompt.find(rule.contains) == std::string_view::npos) return false;
  if (rule.stream && *rule.stream != stream) return false;
  ++rule.seen;
  if (!rule.calls.empty() && std::find(rule.calls.begin(), rule.calls.end(), rule.seen) == rule.calls.end())
    return false;
  if (rule.times && rule.answered >= *rule.times) return false;
  ++rule.answered;
  return true;
}

MockScript::Match MockScript::next(std::string_view model, std::string_view prompt, bool stream) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (fits(rules_[i], model, prompt, stream)) return {rules_[i].reply, i};
  }
  return {defaults_, std::nullopt};
}

std::string mock_error_json(std::string_view message, std::string_view type, std::string_view param,
                            std::string_view code) {
  JsonWriter json;
  const auto text_or_null = [&](std::string_view name, std::string_view text) {
    text.empty() ? json.key(name).null() : json.member(name, text);
  };
  json.begin_object().key("error").begin_object().member("message", message);
  text_or_null("type", type);
  text_or_null("param", param);
  text_or_null("code", code);
  json.end_object().end_object();
  return json.take();
}

}  // namespace leeward
