#include "host/plugin/http_exchange.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace leeward {

HttpExchange::HttpExchange(HttpClient& client, RequestGate& gate, HttpGateway::Callbacks callbacks,
                           const Connection* connection)
    : client_(client),
      gate_(gate),
      callbacks_(std::move(callbacks)),
      connection_id_(connection != nullptr ? connection->id : std::string{}),
      limit_(connection != nullptr ? connection->max_concurrency : 0),
      secret_(connection != nullptr ? connection->api_key : std::string{}) {}

void HttpExchange::start(HttpRequest request) {
  request_ = std::move(request);
  if (limit_ == 0) return send();
  const auto ticket = gate_.enter(connection_id_, limit_, [self = shared_from_this()] { self->send(); });
  if (ticket == 0) return;
  {
    const std::lock_guard lock{mutex_};
    ticket_ = ticket;
    if (!cancelled_) return;
  }
  give_up_waiting(ticket);
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
  static_cast<void>(client_.after(std::chrono::milliseconds{0}, [self = shared_from_this()](bool) {
    HttpResponse response;
    response.error = "http.cancelled";
    response.message = "the request was cancelled while it waited for its turn";
    self->tell(std::move(response));
  }));
}

void HttpExchange::take(std::string_view piece) {
  if (const std::string shown = secret_.piece(piece); !shown.empty()) callbacks_.on_chunk(shown);
}

void HttpExchange::done(HttpResponse response) {
  if (limit_ != 0) gate_.leave(connection_id_);
  if (callbacks_.on_chunk) {
    if (const std::string rest = secret_.rest(); !rest.empty()) callbacks_.on_chunk(rest);
  }
  tell(std::move(response));
}

void HttpExchange::tell(HttpResponse response) {
  for (auto& [name, value] : response.headers) value = secret_.whole(value);
  response.body = secret_.whole(response.body);
  response.message = secret_.whole(response.message);
  callbacks_.on_done(std::move(response));
}

}  // namespace leeward
