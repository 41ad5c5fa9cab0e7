#include "core/model/outcome_codec.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/json.hpp"

namespace leeward {
namespace {

constexpr std::array<std::string_view, 9> kKinds = {"success",  "skipped",        "retry",    "failed",   "reschedule",
                                                    "deferred", "awaiting_input", "canceled", "timed_out"};
static_assert(kKinds.size() == static_cast<std::size_t>(OutcomeKind::timed_out) + 1);
constexpr std::array<std::string_view, 3> kSkips = {"none", "direct", "all"};
static_assert(kSkips.size() == static_cast<std::size_t>(SkipDownstream::all) + 1);

/// Nothing if it is none of the words.
template <class Enum, std::size_t n>
std::optional<Enum> value_of(const std::array<std::string_view, n>& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

/// Whatever may be a value may be a value within an outcome.
constexpr JsonLimits kLimits = {std::size_t{512} << 20, std::size_t{512} << 20, INT32_MAX};

Error corrupt(std::string_view what) {
  return {"outcome.invalid", "an outcome has " + std::string{what} + ": it is damaged, or newer than this"};
}

void write_error(JsonWriter& out, const TaskError& error) {
  out.key("error").begin_object().member("code", error.code).member("message", error.message);
  out.key("retryable").boolean(error.retryable);
  if (error.http_status != 0) out.member("http_status", error.http_status);
  if (!error.details.empty()) out.key("details").raw(error.details);
  out.end_object();
}

void write_calls(JsonWriter& out, const std::vector<ModelCall>& calls) {
  out.key("model_calls").begin_array();
  for (const ModelCall& call : calls) {
    out.begin_object().member("provider", call.provider).member("model", call.model);
    out.member("response_model", call.response_model).member("error", call.error);
    out.member("http_status", call.http_status);
    out.member("input_tokens", call.input_tokens).member("output_tokens", call.output_tokens);
    out.member("duration_ms", call.duration_ms).end_object();
  }
  out.end_array();
}

std::string text_of_member(const Json& object, std::string_view name) {
  const Json member = object[name];
  return member.is_string() ? std::string{member.string()} : std::string{};
}

std::int64_t integer_of_member(const Json& object, std::string_view name, std::int64_t otherwise) {
  const Json member = object[name];
  return member.is_number() ? member.integer().value_or(otherwise) : otherwise;
}

TaskError read_error(const Json& json) {
  TaskError error;
  error.code = text_of_member(json, "code");
  error.message = text_of_member(json, "message");
  error.retryable = json["retryable"].is_boolean() && json["retryable"].boolean();
  error.http_status = static_cast<int>(integer_of_member(json, "http_status", 0));
  if (const Json details = json["details"]; details.exists()) error.details = details.text();
  return error;
}

ModelCall read_call(const Json& json) {
  ModelCall call;
  call.provider = text_of_member(json, "provider");
  call.model = text_of_member(json, "model");
  call.response_model = text_of_member(json, "response_model");
  call.error = text_of_member(json, "error");
  call.http_status = static_cast<int>(integer_of_member(json, "http_status", 0));
  call.input_tokens = integer_of_member(json, "input_tokens", -1);
  call.output_tokens = integer_of_member(json, "output_tokens", -1);
  call.duration_ms = integer_of_member(json, "duration_ms", 0);
  return call;
}

}  // namespace

std::string encode_outcome(const TaskOutcome& outcome) {
  JsonWriter out;
  out.begin_object().member("kind", kKinds[static_cast<std::size_t>(outcome.kind)]);
  if (!outcome.value.is_null()) out.key("value").raw(outcome.value.json());
  if (outcome.error) write_error(out, *outcome.error);
  if (outcome.branch) {
    out.key("branch").begin_array();
    for (const std::string& id : *outcome.branch) out.string(id);
    out.end_array();
  }
  if (outcome.skip_downstream != SkipDownstream::none) {
    out.member("skip_downstream", kSkips[static_cast<std::size_t>(outcome.skip_downstream)]);
  }
  if (outcome.input) out.key("input").raw(outcome.input->json().json());
  if (outcome.retry_after) out.member("retry_after_ns", outcome.retry_after->count());
  if (!outcome.model_calls.empty()) write_calls(out, outcome.model_calls);
  out.end_object();
  return out.take();
}

Result<TaskOutcome> decode_outcome(const Value& json) {
  const auto document = JsonDocument::parse(std::string{json.json()}, {}, kLimits);
  if (!document) return corrupt("no JSON");
  const Json root = (*document)->root();
  TaskOutcome outcome;
  const auto kind = value_of<OutcomeKind>(kKinds, text_of_member(root, "kind"));
  if (!kind) return corrupt("an unknown kind");
  outcome.kind = *kind;
  if (const Json value = root["value"]; value.exists()) outcome.value = Value{std::string{value.text()}};
  if (const Json error = root["error"]; error.exists()) outcome.error = read_error(error);
  if (const Json branch = root["branch"]; branch.exists()) {
    outcome.branch.emplace();
    for (const Json& id : branch) {
      if (!id.is_string()) return corrupt("a branch that is no text");
      outcome.branch->emplace_back(id.string());
    }
  }
  if (const Json skip = root["skip_downstream"]; skip.exists()) {
    const auto which = value_of<SkipDownstream>(kSkips, text_of_member(root, "skip_downstream"));
    if (!which) return corrupt("an unknown skip_downstream");
    outcome.skip_downstream = *which;
  }
  if (const Json input = root["input"]; input.exists()) {
    auto request = InputRequest::parse(Value{std::string{input.text()}});
    if (!request) return corrupt("an input request that cannot be read");
    outcome.input = std::make_shared<const InputRequest>(std::move(request).value());
  }
  if (root["retry_after_ns"].exists()) outcome.retry_after = Duration{integer_of_member(root, "retry_after_ns", 0)};
  for (const Json& call : root["model_calls"]) outcome.model_calls.push_back(read_call(call));
  return outcome;
}

}  // namespace leeward
