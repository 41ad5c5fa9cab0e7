#include "chain.hpp"

#include <algorithm>
#include <utility>

#include <leeward/cpp/timer.hpp>
#include <leeward/cpp/usage.hpp>
#include <leeward/cpp/utf8.hpp>

#include "chat_request.hpp"
#include "chat_response.hpp"
#include "retry_delay.hpp"

namespace llm {
namespace {

namespace sdk = leeward::sdk;

constexpr std::size_t kPlainBodyLimit = 1u << 20;
constexpr std::size_t kMostEmittedAtOnce = 1u << 16;

FallbackPlan::Options options_of(const Settings& settings, sdk::Task task) {
  const std::string_view try_number = task.info("try_number");
  // The task's own retries and the quick ones do not multiply: from the second attempt on each model is asked once.
  const bool first_attempt = try_number.empty() || try_number == "1";
  return {settings.models.size(), first_attempt ? settings.max_retries : 0, settings.timeout_ms,
          settings.retry_after_cap_ms};
}

std::uint64_t jitter_seed_of(sdk::Task task) {
  return seed_of(std::string{task.info("idempotency_key")} + "#" + std::string{task.info("try_number")});
}

std::uint32_t timeout(std::int64_t ms) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ms, 1, UINT32_MAX));
}

std::int64_t now_epoch_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Headers headers_of(const sdk::HttpResponse& response) {
  Headers headers;
  for (const char* name : {"retry-after-ms", "x-ms-retry-after-ms", "retry-after", "x-should-retry", "x-request-id"}) {
    if (auto value = response.header(name)) headers[name] = *value;
  }
  return headers;
}

}  // namespace

Chain::Chain(Settings settings, sdk::Task task)
    : settings_(std::move(settings)),
      plan_(options_of(settings_, task)),
      jitter_seed_(jitter_seed_of(task)),
      step_(plan_.start()) {}

lw_code Chain::ask(sdk::Deferred deferred) {
  deferred.task().progress(-1, "asking " + model());
  parser_ = SseParser{};
  stream_ = ChatStream{};
  any_event_ = emitted_ = false;
  no_events_.clear();
  unemitted_.clear();
  request_started_ = Clock::now();

  sdk::HttpRequest request;
  request.method = "POST";
  request.connection = settings_.connection;
  request.url = "/chat/completions";
  request.headers_json = settings_.stream ? R"({"content-type": "application/json", "accept": "text/event-stream"})"
                                          : R"({"content-type": "application/json", "accept": "application/json"})";
  request.body = chat_request_body(settings_, model());
  request.paid = request.idempotency_key = true;
  request.total_timeout_ms = timeout(step_.limit_ms);
  request.first_byte_timeout_ms = timeout(std::min(settings_.first_token_timeout_ms, step_.limit_ms));
  request.idle_timeout_ms = timeout(std::min(settings_.idle_timeout_ms, step_.limit_ms));

  const auto self = shared_from_this();
  sdk::OnHttpChunk on_chunk;
  if (settings_.stream) on_chunk = [self](sdk::Task task, std::string_view piece) { self->take_piece(task, piece); };
  return sdk::send(
      std::move(deferred), request,
      [self](sdk::Deferred& held, const sdk::HttpResponse& response) { self->done(held, response); },
      std::move(on_chunk));
}

void Chain::take_piece(sdk::Task task, std::string_view piece) {
  if (!any_event_ && no_events_.size() < kPlainBodyLimit) no_events_ += piece;
  const bool fits = parser_.feed(piece, [this](const SseEvent& event) {
    any_event_ = true;
    unemitted_ += stream_.take(event);
  });
  if (!fits) stream_.fail_too_large();
  if (unemitted_.empty()) return;
  emitted_ = true;
  emit_what_waits(task);
}

/// In pieces that every host takes, however much has gathered. What is not taken now goes out with the next piece; what
/// nobody took is still in the result.
void Chain::emit_what_waits(sdk::Task task) {
  std::size_t taken = 0;
  while (taken < unemitted_.size()) {
    const std::string_view rest = std::string_view{unemitted_}.substr(taken, kMostEmittedAtOnce);
    const std::string_view piece = sdk::whole_characters(rest);
    if (!task.emit(piece)) break;
    taken += piece.size();
  }
  unemitted_.erase(0, taken);
}

ChatAnswer Chain::read(const sdk::HttpResponse& response) const {
  ChatAnswer answer;
  const bool answered = response.status >= 200 && response.status < 300;
  if (answered && settings_.stream && any_event_) {
    answer = stream_.finish();
    // A stream that was whole before its connection broke is whole.
    const bool cut = answer.error && answer.error->error_class == ErrorClass::truncated;
    if (response.error != nullptr && cut) {
      answer.error = classify_transport(sdk::view(response.error->type), sdk::view(response.error->message));
      answer.error->http_status = response.status;
    }
  } else if (response.error != nullptr) {
    answer.error = classify_transport(sdk::view(response.error->type), sdk::view(response.error->message));
    answer.error->http_status = response.status;
  } else if (!answered) {
    answer.error = classify_answer(response.status, response.body);
  } else {
    // A server that does not stream answers a request to stream with a plain body.
    answer = read_chat_response(settings_.stream ? std::string_view{no_events_} : response.body);
  }
  judge(answer, settings_.options.contains("response_format"));
  return answer;
}

void Chain::done(sdk::Deferred& deferred, const sdk::HttpResponse& response) {
  emit_what_waits(deferred.task());
  const ChatAnswer answer = read(response);
  report(deferred.task(), answer, response);
  if (!answer.error) {
    succeed(deferred.task(), answer);
  } else if (answer.error->error_class == ErrorClass::cancelled) {
    throw sdk::cancelled();
  } else {
    go_on_after(deferred, *answer.error, response);
  }
}

void Chain::report(sdk::Task task, const ChatAnswer& answer, const sdk::HttpResponse& response) const {
  const std::string error_type = answer.error ? type_name(answer.error->error_class) : std::string{};
  sdk::ModelCall made;
  made.provider = settings_.provider;
  made.model = model();
  made.response_model = answer.model;
  made.error_type = error_type;
  made.http_status = response.status;
  made.input_tokens = answer.input_tokens();
  made.output_tokens = answer.output_tokens();
  made.duration_ms = request_ms();
  sdk::add_model_call(task, made);

  Json fields = {{"model", model()},
                 {"http_status", made.http_status},
                 {"input_tokens", made.input_tokens},
                 {"output_tokens", made.output_tokens},
                 {"duration_ms", made.duration_ms}};
  if (const auto id = response.header("x-request-id")) fields["request_id"] = one_line(*id);
  if (answer.error) {
    fields["error"] = error_type;
    // Being stopped is no trouble worth a warning, least of all ten thousand times.
    const bool stopped = answer.error->error_class == ErrorClass::cancelled;
    task.log(stopped ? LW_LOG_DEBUG : LW_LOG_WARN, model() + " gave no answer: " + answer.error->message,
             to_text(fields));
  } else {
    task.log(LW_LOG_INFO, model() + " answered", to_text(fields));
  }
}

void Chain::succeed(sdk::Task task, const ChatAnswer& answer) const {
  if (answer.finish_reason == "length") task.log(LW_LOG_WARN, "the answer was cut at max_tokens");
  if (!tries_.empty() && step_.model > 0) {
    task.log(LW_LOG_WARN, model() + " answered in place of " + tries_.original().model_name, tries_.details_json());
  }
  task.result_json(to_text(Json(answer.text)));
}

void Chain::go_on_after(sdk::Deferred& deferred, const ModelError& error, const sdk::HttpResponse& response) {
  const Headers headers = headers_of(response);
  const auto verdict = headers.find("x-should-retry");
  FallbackPlan::Failure failure;
  failure.retryable = should_retry(error.error_class, verdict == headers.end() ? std::string_view{} : verdict->second);
  failure.may_fall_back = may_fall_back(error.error_class);
  failure.content_emitted = emitted_;
  failure.server_wait_ms = server_wait_ms(headers, now_epoch_s());
  failure.backoff_ms = backoff_ms(step_.retry, jitter_seed_);
  tries_.add({step_.model, model(), error, failure.retryable, failure.server_wait_ms, request_ms()});

  step_ = plan_.after(step_, failure, elapsed_ms());
  if (step_.action == FallbackPlan::Action::give_up) give_up();
  if (step_.wait_ms == 0) {
    ask(std::move(deferred));
    return;
  }
  waited_ms_ += step_.wait_ms;
  sdk::after(std::move(deferred), static_cast<std::uint64_t>(step_.wait_ms),
             [self = shared_from_this()](sdk::Deferred& held) { self->ask(std::move(held)); });
}

void Chain::give_up() const {
  const ModelError& error = tries_.original().error;
  const bool again = tries_.worth_another_attempt();
  sdk::Error outcome{again ? LW_RETRY : LW_FAIL, type_name(error.error_class), tries_.message()};
  outcome.http(error.http_status).details(tries_.details_json());
  if (again) outcome.after_ms(tries_.task_delay_ms());
  throw outcome;
}

std::int64_t Chain::elapsed_ms() const {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count();
  return std::max<std::int64_t>(passed, waited_ms_);
}

std::int64_t Chain::request_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - request_started_).count();
}

}  // namespace llm
