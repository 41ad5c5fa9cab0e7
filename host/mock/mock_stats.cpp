#include "host/mock/mock_stats.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace leeward {
namespace {

constexpr std::size_t kLongestPrompt = 200;

void write_statuses(JsonWriter& json, const std::map<int, std::uint64_t>& statuses) {
  json.begin_object();
  for (const auto& [status, count] : statuses) json.member(std::to_string(status), static_cast<std::int64_t>(count));
  json.end_object();
}

/// A call that was made once is not worth a line.
void write_keys(JsonWriter& json, const std::map<std::string, std::uint64_t>& times) {
  json.begin_object().member("distinct", static_cast<std::int64_t>(times.size())).key("repeated").begin_object();
  for (const auto& [key, count] : times) {
    if (count > 1) json.member(key, static_cast<std::int64_t>(count));
  }
  json.end_object().end_object();
}

}  // namespace

std::string to_json(const MockRecord& record) {
  JsonWriter json;
  json.begin_object().member("number", static_cast<std::int64_t>(record.number)).member("at_ms", record.at_ms);
  json.member("model", record.model).member("status", std::int64_t{record.status});
  json.key("stream").boolean(record.stream).key("rule");
  record.rule ? json.integer(static_cast<std::int64_t>(*record.rule)) : json.null();
  json.member("input_tokens", record.input_tokens).member("output_tokens", record.output_tokens);
  if (!record.idempotency_key.empty()) json.member("idempotency_key", record.idempotency_key);
  json.member("prompt", utf8_prefix(record.prompt, kLongestPrompt)).end_object();
  return json.take();
}

void MockStats::add(MockRecord record) {
  const std::lock_guard lock{mutex_};
  ++requests_;
  ++by_status_[record.status];
  ++by_model_[record.model][record.status];
  if (!record.idempotency_key.empty()) ++by_key_[record.idempotency_key];
  input_tokens_ += record.input_tokens;
  output_tokens_ += record.output_tokens;
  last_.push_back(std::move(record));
  if (last_.size() > kKept) last_.pop_front();
}

void MockStats::began() {
  const std::lock_guard lock{mutex_};
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
}

void MockStats::finished() {
  const std::lock_guard lock{mutex_};
  --in_flight_;
}

std::uint64_t MockStats::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

std::string MockStats::json() const {
  const std::lock_guard lock{mutex_};
  JsonWriter json;
  json.begin_object().member("requests", static_cast<std::int64_t>(requests_));
  json.member("in_flight", static_cast<std::int64_t>(in_flight_));
  json.member("max_in_flight", static_cast<std::int64_t>(max_in_flight_));
  json.member("input_tokens", input_tokens_).member("output_tokens", output_tokens_);
  write_statuses(json.key("by_status"), by_status_);
  json.key("by_model").begin_object();
  for (const auto& [model, statuses] : by_model_) write_statuses(json.key(model), statuses);
  json.end_object();
  write_keys(json.key("idempotency_keys"), by_key_);
  json.key("last_requests").begin_array();
  for (const MockRecord& record : last_) json.raw(to_json(record));
  json.end_array().end_object();
  return json.take();
}

}  // namespace leeward
