#include "host/mock/mock_wire.hpp"

#include <algorithm>
#include <functional>

#include "core/base/json.hpp"
#include "host/mock/mock_answer.hpp"

namespace leeward {
namespace {

constexpr std::string_view kFingerprint = "leeward-mock";  // in every answer: this is a simulation

void text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) {
    json.key(name).null();
  } else {
    json.member(name, text);
  }
}

void write_usage(JsonWriter& json, const MockCompletion& completion) {
  json.key("usage").begin_object();
  json.member("prompt_tokens", completion.input_tokens);
  json.member("completion_tokens", completion.output_tokens);
  json.member("total_tokens", completion.input_tokens + completion.output_tokens);
  json.key("prompt_tokens_details").begin_object().member("cached_tokens", std::int64_t{0}).end_object();
  json.key("completion_tokens_details").begin_object().member("reasoning_tokens", std::int64_t{0}).end_object();
  json.end_object();
}

void write_head(JsonWriter& json, const MockCompletion& completion, std::string_view object) {
  json.member("id", completion.id).member("object", object).member("created", completion.created);
  json.member("model", completion.model).member("system_fingerprint", kFingerprint);
}

std::string event(std::string_view data) { return "data: " + std::string{data} + "\n\n"; }

using WriteDelta = std::function<void(JsonWriter&)>;

std::string chunk(const MockCompletion& completion, bool usage_follows, const WriteDelta& write_delta,
                  std::string_view finish_reason) {
  JsonWriter json;
  json.begin_object();
  write_head(json, completion, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object().member("index", std::int64_t{0});
  json.key("delta").begin_object();
  write_delta(json);
  json.end_object().key("logprobs").null();
  text_or_null(json, "finish_reason", finish_reason);
  json.end_object().end_array();
  if (usage_follows) json.key("usage").null();
  json.end_object();
  return event(json.text());
}

std::string usage_chunk(const MockCompletion& completion) {
  JsonWriter json;
  json.begin_object();
  write_head(json, completion, "chat.completion.chunk");
  json.key("choices").begin_array().end_array();
  write_usage(json, completion);
  json.end_object();
  return event(json.text());
}

std::string answer_text(const MockRequest& request, const MockReply& reply) {
  if (reply.text) return *reply.text;
  std::string text = mock_answer(request.prompt);
  return request.wants_json ? R"({"answer":)" + json_quote(text) + "}" : text;
}

}  // namespace

MockCompletion complete(const MockRequest& request, const MockReply& reply, std::uint64_t number,
                        std::int64_t now_epoch_s) {
  MockCompletion completion;
  completion.id = "chatcmpl-mock-" + std::to_string(number);
  completion.created = now_epoch_s;
  completion.model = request.model;
  completion.refusal = reply.refusal.value_or("");
  if (!reply.refusal) completion.text = answer_text(request, reply);

  bool cut = false;
  if (request.max_tokens && !reply.text) {
    const std::string_view kept = mock_cut(completion.text, *request.max_tokens);
    cut = kept.size() < completion.text.size();
    completion.text = std::string{kept};
  }
  completion.finish_reason = reply.finish_reason.value_or(cut ? "length" : "stop");
  completion.input_tokens = reply.input_tokens.value_or(request.input_tokens);
  completion.output_tokens = reply.output_tokens.value_or(mock_tokens(completion.text + completion.refusal));
  return completion;
}

std::string completion_json(const MockCompletion& completion, bool tells_usage) {
  JsonWriter json;
  json.begin_object();
  write_head(json, completion, "chat.completion");
  json.key("choices").begin_array().begin_object().member("index", std::int64_t{0});
  json.key("message").begin_object().member("role", "assistant").key("content");
  completion.refusal.empty() ? json.string(completion.text) : json.null();
  text_or_null(json, "refusal", completion.refusal);
  json.key("annotations").begin_array().end_array().end_object();
  json.key("logprobs").null();
  text_or_null(json, "finish_reason", completion.finish_reason);
  json.end_object().end_array();
  if (tells_usage) write_usage(json, completion);
  json.member("service_tier", "default").end_object();
  return json.take();
}

MockEvents completion_events(const MockCompletion& completion, const MockRequest& request, const MockReply& reply) {
  const bool usage = request.include_usage && reply.tells_usage;
  const bool refuses = !completion.refusal.empty();
  MockEvents result;
  result.events.push_back(chunk(
      completion, usage,
      [](JsonWriter& json) { json.member("role", "assistant").member("content", "").key("refusal").null(); }, {}));
  for (const std::string& piece : mock_chunks(refuses ? completion.refusal : completion.text, reply.chunk_characters)) {
    result.events.push_back(
        chunk(completion, usage, [&](JsonWriter& json) { json.member(refuses ? "refusal" : "content", piece); }, {}));
  }
  result.text_ends = result.events.size();
  if (reply.stop_after_chunks) {
    result.text_ends = std::min(result.text_ends, result.text_begins + *reply.stop_after_chunks);
    result.events.resize(result.text_ends);
    if (!reply.stream_error_json.empty()) result.events.push_back(event(reply.stream_error_json));
    return result;
  }
  if (!reply.stream_error_json.empty()) {
    result.events.push_back(event(reply.stream_error_json));
  } else if (!completion.finish_reason.empty()) {
    result.events.push_back(chunk(
        completion, usage, [](JsonWriter&) {}, completion.finish_reason));
  }
  if (usage && reply.stream_error_json.empty()) result.events.push_back(usage_chunk(completion));
  if (reply.sends_done) result.events.push_back(event("[DONE]"));
  return result;
}

std::string model_json(std::string_view model) {
  JsonWriter json;
  json.begin_object().member("id", model).member("object", "model");
  json.member("created", std::int64_t{1687882411}).member("owned_by", kFingerprint).end_object();
  return json.take();
}

std::string model_list_json(const std::vector<std::string>& models) {
  JsonWriter json;
  json.begin_object().member("object", "list").key("data").begin_array();
  for (const std::string& model : models) json.raw(model_json(model));
  json.end_array().end_object();
  return json.take();
}

}  // namespace leeward
