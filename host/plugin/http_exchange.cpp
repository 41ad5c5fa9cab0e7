#include "host/plugin/http_exchange.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/seeded_bug.hpp"
#include "host/secret/event_stream_mask.hpp"

namespace leeward {
namespace {

constexpr std::size_t kReplayedPiece = 16 * 1024;

HttpResponse cancelled_unsent() {
  HttpResponse response;
  response.error = "http.cancelled";
  response.message = "the request was cancelled before it was sent";
  return response;
}

/// Some servers repeat the key in their refusal: neither a plugin nor what it records is to see it.
std::shared_ptr<const SecretMasker> masker_of(const Connection* connection) {
  if (connection != nullptr && connection->masker) return connection->masker;
  if (connection != nullptr && SecretMasker::check(connection->api_key))
    return std::make_shared<const SecretMasker>(std::vector{connection->api_key});
  static const auto kNothing = std::make_shared<const SecretMasker>();
  return kNothing;
}

}  // namespace

HttpExchange::HttpExchange(HttpClient& client, RequestGate& gate, HttpGateway::Callbacks callbacks,
                           const Connection* connection, std::optional<PaidCall> paid)
    : client_(client),
      gate_(gate),
      callbacks_(std::move(callbacks)),
      connection_id_(connection != nullptr ? connection->id : std::string{}),
      limit_(connection != nullptr ? connection->max_concurrency : 0),
      masker_(masker_of(connection)),
      body_(*masker_, Formats::no),
      paid_(std::move(paid)) {}

void HttpExchange::start(HttpRequest request) {
  request_ = std::move(request);
  if (limit_ == 0) return take_turn();
  const auto ticket = gate_.enter(connection_id_, limit_, [self = shared_from_this()] { self->take_turn(); });
  if (ticket == 0) return;
  {
    const std::lock_guard lock{mutex_};
    ticket_ = ticket;
    if (!cancelled_) return;
  }
  give_up_waiting(ticket);
}

void HttpExchange::take_turn() {
  if (!paid_) return send();
  if (seeded_bug(SeededBug::sent_before_intent)) {
    paid_->intend([self = shared_from_this()](const Result<CallLedger::Standing>&) {});
    return send();
  }
  paid_->intend(
      [self = shared_from_this()](Result<CallLedger::Standing> standing) { self->intended(std::move(standing)); });
}

void HttpExchange::intended(Result<CallLedger::Standing> standing) {
  if (!standing) return done(PaidCall::not_recorded(standing.error(), "that it will be sent cannot be recorded"));
  if (standing->answer) return replay(std::move(*standing->answer));
  bool cancelled = false;
  {
    const std::lock_guard lock{mutex_};
    cancelled = cancelled_;
  }
  if (cancelled) return done(cancelled_unsent());
  const bool has_key = std::any_of(request_.headers.begin(), request_.headers.end(),
                                   [](const auto& header) { return header.first == "idempotency-key"; });
  if (std::string key = paid_->idempotency_key(standing->number); !key.empty() && !has_key) {
    request_.headers.emplace_back("idempotency-key", std::move(key));
  }
  send();
}

/// By the same callbacks as the first time.
void HttpExchange::replay(CallAnswer answer) {
  if (limit_ != 0) gate_.leave(connection_id_);
  HttpResponse response = PaidCall::response_of(std::move(answer));
  if (callbacks_.on_chunk && response.status / 100 == 2) {
    const std::string body = std::exchange(response.body, {});
    for (std::size_t at = 0; at < body.size(); at += kReplayedPiece) {
      callbacks_.on_chunk(std::string_view{body}.substr(at, kReplayedPiece));
    }
  }
  callbacks_.on_done(std::move(response));
}

void HttpExchange::send() {
  HttpClient::Callbacks callbacks;
  const auto self = shared_from_this();
  if (callbacks_.on_chunk) callbacks.on_chunk = [self](std::string_view piece) { self->take(piece); };
  callbacks.on_done = [self](HttpResponse response) { self->done(std::move(response)); };
  auto handle = client_.send(std::move(request_), std::move(callbacks));
  const std::lock_guard lock{mutex_};
  handle_ = std::move(handle);
  if (cancelled_) handle_->cancel();
}

void HttpExchange::cancel() {
  RequestGate::Ticket ticket = 0;
  {
    const std::lock_guard lock{mutex_};
    cancelled_ = true;
    if (handle_) return handle_->cancel();
    ticket = ticket_;
  }
  if (ticket != 0) give_up_waiting(ticket);
}

/// Told on the I/O thread, like every other end.
void HttpExchange::give_up_waiting(RequestGate::Ticket ticket) {
  if (!gate_.abandon(connection_id_, ticket)) return;
  static_cast<void>(client_.after(std::chrono::milliseconds{0},
                                  [self = shared_from_this()](bool) { self->end(cancelled_unsent()); }));
}

void HttpExchange::take(std::string_view piece) { show(body_.piece(piece)); }

void HttpExchange::show(const std::string& piece) {
  if (piece.empty()) return;
  if (paid_) paid_->gather(piece);
  callbacks_.on_chunk(piece);
}

void HttpExchange::done(HttpResponse response) {
  if (limit_ != 0) gate_.leave(connection_id_);
  if (callbacks_.on_chunk) show(body_.rest());
  end(std::move(response));
}

void HttpExchange::end(HttpResponse response) {
  for (auto& [name, value] : response.headers) masker_->mask(value, Formats::no);
  masker_->mask_any(response.body);
  masker_->mask(response.message, Formats::no);
  mask_event_stream(*masker_, response.body);
  if (paid_) mask_event_stream(*masker_, paid_->gathered());
  if (!paid_) return callbacks_.on_done(std::move(response));
  paid_->ended(std::move(response),
               [self = shared_from_this()](HttpResponse recorded) { self->callbacks_.on_done(std::move(recorded)); });
}

}  // namespace leeward
