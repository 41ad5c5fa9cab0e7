#include "host/plugin/paid_call.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/base/digest.hpp"
#include "core/base/json.hpp"
#include "core/base/seeded_bug.hpp"

namespace leeward {
namespace {

/// Of all that a task asks for but its patience. Lengths keep the parts apart.
std::string digest_of(const HttpAsk& ask) {
  if (seeded_bug(SeededBug::replay_ignores_digest)) return {};
  std::string text;
  for (const std::string_view part :
       {std::string_view{ask.request.method}, std::string_view{ask.connection_id}, std::string_view{ask.request.url},
        std::string_view{ask.headers_json}, std::string_view{ask.request.body}}) {
    text.append(std::to_string(part.size())).append(":").append(part);
  }
  return sha256_hex(text);
}

CallKey key_of(const TaskCall& by, const CallCounts::Place& place) {
  CallKey key;
  key.run_id = by.run->run_id;
  key.task_id = by.task->id;
  key.map_index = by.map_index;
  key.try_number = by.try_number;
  key.reschedules = by.reschedules;
  key.digest = place.digest();
  key.ordinal = place.ordinal();
  return key;
}

CallCounts& counts_of(const TaskCall& by) {
  LW_ASSERT(by.of_run && by.counts != nullptr, "paid calls that are recorded belong to an attempt of a run");
  return *by.counts;
}

std::string name_of(const TaskCall& by) {
  std::string name = by.idempotency_key() + "/" + std::to_string(by.try_number);
  if (by.reschedules > 0) name.append(".").append(std::to_string(by.reschedules));
  return name;
}

}  // namespace

PaidCall::PaidCall(CallLedger& ledger, HttpClient& client, const TaskCall& by, const HttpAsk& ask, PluginLog* log)
    : ledger_(ledger),
      client_(client),
      log_(log),
      place_(counts_of(by).take(digest_of(ask))),
      key_(key_of(by, place_)),
      attempt_(ask.idempotency_key ? name_of(by) : std::string{}) {}

void PaidCall::intend(std::function<void(Result<CallLedger::Standing>)> then) {
  ledger_.intend(key_,
                 [this, errand = client_.errand(), then = std::move(then)](Result<CallLedger::Standing> standing) {
                   errand->run([this, then, standing = std::move(standing)]() mutable {
                     intended_ = standing.ok();
                     if (standing && standing->answer) tell_spared();
                     then(std::move(standing));
                   });
                 });
}

void PaidCall::tell_spared() const {
  if (log_ == nullptr) return;
  JsonWriter fields;
  fields.begin_object().member("run_id", key_.run_id).member("task_id", key_.task_id);
  fields.key("map_index").integer(key_.map_index).key("try_number").integer(key_.try_number).end_object();
  log_->line(LogLevel::info, "http", "a recorded answer stands for a paid request: nothing was sent", fields.text());
}

std::string PaidCall::idempotency_key(int number) const {
  return attempt_.empty() ? std::string{} : attempt_ + "/" + std::to_string(number);
}

void PaidCall::ended(HttpResponse response, std::function<void(HttpResponse)> tell) {
  if (!response.sent) {
    if (!seeded_bug(SeededBug::place_not_given_back)) place_.give_back();
    if (intended_) ledger_.not_made(key_);
    return tell(std::move(response));
  }
  // Whoever gave up does not wait for an answer, and if that was the host on its way out, the attempt that is started
  // again must not take this for one. What was sent stays an intent.
  const bool gave_up = response.error == "http.cancelled" && !seeded_bug(SeededBug::cancel_taken_as_answer);
  if (gave_up) return tell(std::move(response));
  CallAnswer answer = answer_of(response);
  if (seeded_bug(SeededBug::told_before_recorded)) {
    ledger_.answered(key_, std::move(answer), [](const Status&) {});
    return tell(std::move(response));
  }
  ledger_.answered(key_, std::move(answer),
                   [errand = client_.errand(), tell = std::move(tell),
                    response = std::move(response)](const Status& recorded) mutable {
                     if (!recorded) response = not_recorded(recorded.error(), "its answer cannot be recorded");
                     errand->run([tell, response = std::move(response)]() mutable { tell(std::move(response)); });
                   });
}

CallAnswer PaidCall::answer_of(const HttpResponse& response) {
  CallAnswer answer;
  answer.http_status = response.status;
  answer.headers = response.headers;
  answer.body = gathered_.empty() ? response.body : std::exchange(gathered_, {});
  answer.error_code = response.error;
  answer.error_message = response.message;
  answer.sent_twice = response.sent_twice;
  return answer;
}

HttpResponse PaidCall::response_of(CallAnswer answer) {
  HttpResponse response;
  response.status = answer.http_status;
  response.headers = std::move(answer.headers);
  response.body = std::move(answer.body);
  response.error = std::move(answer.error_code);
  response.message = std::move(answer.error_message);
  response.sent = true;
  return response;
}

HttpResponse PaidCall::not_recorded(const Error& why, std::string_view what) {
  HttpResponse response;
  response.error = "http.not_recorded";
  response.message = "the request costs money, and " + std::string{what} + ": " + why.message;
  return response;
}

}  // namespace leeward
