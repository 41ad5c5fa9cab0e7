#include "host/plugin/http_exchange.hpp"

#include <chrono>
#include <map>
#include <string_view>
#include <utility>

#include "core/base/json.hpp"
#include "host/plugin/callee_threads.hpp"

namespace leeward {

HttpExchange::HttpExchange(std::shared_ptr<HostTask> task, const lw_http_callbacks& callbacks,
                           const Connection* connection)
    : task_(std::move(task)),
      callbacks_(callbacks),
      connection_id_(connection != nullptr ? connection->id : std::string{}),
      limit_(connection != nullptr ? connection->max_concurrency : 0),
      secret_(connection != nullptr ? connection->api_key : std::string{}) {}

void HttpExchange::start(HttpRequest request) {
  request_ = std::move(request);
  stop_ = task_->under_way().add([weak = weak_from_this()] {
    if (const auto alive = weak.lock()) alive->cancel();
  });
  if (limit_ == 0) return send();
  const auto ticket =
      task_->services().gate.enter(connection_id_, limit_, [self = shared_from_this()] { self->send(); });
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
  if (callbacks_.on_chunk != nullptr) callbacks.on_chunk = [self](std::string_view piece) { self->take(piece); };
  callbacks.on_done = [self](HttpResponse response) { self->done(std::move(response)); };
  auto handle = task_->services().http.send(std::move(request_), std::move(callbacks));
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
  if (!task_->services().gate.abandon(connection_id_, ticket)) return;
  static_cast<void>(task_->services().http.after(std::chrono::milliseconds{0}, [self = shared_from_this()](bool) {
    HttpResponse response;
    response.error = "http.cancelled";
    response.message = "the request was cancelled while it waited for its turn";
    self->tell(std::move(response));
  }));
}

void HttpExchange::take(std::string_view piece) { pass_on(secret_.piece(piece)); }

void HttpExchange::pass_on(const std::string& piece) {
  if (piece.empty()) return;
  const MustNotBlock here;
  callbacks_.on_chunk(callbacks_.arg, lend(piece));
}

void HttpExchange::done(HttpResponse response) {
  if (limit_ != 0) task_->services().gate.leave(connection_id_);
  if (callbacks_.on_chunk != nullptr) pass_on(secret_.rest());
  tell(std::move(response));
}

void HttpExchange::tell(HttpResponse response) {
  task_->under_way().remove(stop_);
  JsonWriter headers;
  headers.begin_object();
  std::map<std::string, std::string> last;  // of a repeated header the last
  for (const auto& [name, value] : response.headers) last[name] = secret_.whole(value);
  for (const auto& [name, value] : last) headers.member(name, value);
  headers.end_object();
  const std::string body = secret_.whole(response.body);
  const std::string message = secret_.whole(response.message);
  const lw_error error{sizeof(lw_error), response.status, -1, lend(response.error), lend(message), {nullptr, 0}};
  const lw_http_response answer{sizeof(lw_http_response), response.status, lend(headers.text()), lend(body),
                                response.error.empty() ? nullptr : &error};
  const MustNotBlock here;
  callbacks_.on_done(callbacks_.arg, &answer);
}

}  // namespace leeward
