#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "host/plugin/connection_source.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/request_gate.hpp"
#include "host/plugin/secret_filter.hpp"

namespace leeward {

/// One request of a task, from its turn at the connection's gate to on_done. Owns itself through what waits for it: the
/// gate, then the HTTP client. Thread-safe.
class HttpExchange final : public HttpGateway::Handle, public std::enable_shared_from_this<HttpExchange> {
 public:
  /// `connection`: null for a request without one. `client` and `gate` must outlive the request.
  HttpExchange(HttpClient& client, RequestGate& gate, HttpGateway::Callbacks callbacks, const Connection* connection);

  /// Call once.
  void start(HttpRequest request);
  void cancel() override;

 private:
  void send();
  void give_up_waiting(RequestGate::Ticket ticket);
  void take(std::string_view piece);
  void done(HttpResponse response);
  void tell(HttpResponse response);

  HttpClient& client_;
  RequestGate& gate_;
  const HttpGateway::Callbacks callbacks_;
  const std::string connection_id_;
  const std::size_t limit_;  ///< 0: none
  SecretFilter secret_;      ///< used on the I/O thread
  HttpRequest request_;
  std::mutex mutex_;  ///< guards the rest
  bool cancelled_ = false;
  RequestGate::Ticket ticket_ = 0;
  std::shared_ptr<HttpClient::Handle> handle_;
};

}  // namespace leeward
