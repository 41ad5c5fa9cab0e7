#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/plugin/connection_source.hpp"
#include "host/plugin/http_gateway.hpp"
#include "host/plugin/paid_call.hpp"
#include "host/plugin/request_gate.hpp"
#include "host/secret/secret_stream.hpp"

namespace leeward {

/// One request of a task, from its turn at the connection's gate to on_done. A paid one asks its ledger when its turn
/// has come, and is told when that has recorded its end. Owns itself through what waits for it: the gate, the ledger,
/// the HTTP client. Thread-safe.
class HttpExchange final : public HttpGateway::Handle, public std::enable_shared_from_this<HttpExchange> {
 public:
  /// `connection`: null for a request without one. `paid`: of one that costs money. `client` and `gate` must outlive
  /// the request.
  HttpExchange(HttpClient& client, RequestGate& gate, HttpGateway::Callbacks callbacks, const Connection* connection,
               std::optional<PaidCall> paid);

  /// Call once.
  void start(HttpRequest request);
  void cancel() override;

 private:
  void take_turn();
  void intended(Result<CallLedger::Standing> standing);
  void replay(CallAnswer answer);
  void send();
  void give_up_waiting(RequestGate::Ticket ticket);
  void take(std::string_view piece);
  void show(const std::string& piece);
  void done(HttpResponse response);
  void end(HttpResponse response);

  HttpClient& client_;
  RequestGate& gate_;
  const HttpGateway::Callbacks callbacks_;
  const std::string connection_id_;
  const std::size_t limit_;  ///< 0: none
  const std::shared_ptr<const SecretMasker> masker_;
  SecretStream body_;  ///< what is streamed; used on the I/O thread
  std::optional<PaidCall> paid_;
  HttpRequest request_;
  std::mutex mutex_;  ///< guards the rest
  bool cancelled_ = false;
  RequestGate::Ticket ticket_ = 0;
  std::shared_ptr<HttpClient::Handle> handle_;
};

}  // namespace leeward
