#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include <leeward/ext/http.h>

#include "host/net/http_client.hpp"
#include "host/plugin/cancel_group.hpp"
#include "host/plugin/host_task.hpp"
#include "host/plugin/request_gate.hpp"
#include "host/plugin/secret_filter.hpp"

namespace leeward {

/// One request of a plugin, from its turn at the connection's gate to on_done. Keeps its task alive, whatever the
/// plugin does with its hold. Owns itself through what waits for it: the gate, then the HTTP client. Thread-safe.
class HttpExchange : public std::enable_shared_from_this<HttpExchange> {
 public:
  /// `connection`: null for a request without one.
  HttpExchange(std::shared_ptr<HostTask> task, const lw_http_callbacks& callbacks, const Connection* connection);

  /// Call once.
  void start(HttpRequest request);

 private:
  void send();
  void cancel();
  void give_up_waiting(RequestGate::Ticket ticket);
  void take(std::string_view piece);
  void done(HttpResponse response);
  void tell(HttpResponse response);
  void pass_on(const std::string& piece);

  const std::shared_ptr<HostTask> task_;
  const lw_http_callbacks callbacks_;
  const std::string connection_id_;
  const std::size_t limit_;  ///< 0: none
  SecretFilter secret_;      ///< used on the I/O thread
  HttpRequest request_;
  CancelGroup::Id stop_ = 0;
  std::mutex mutex_;  ///< guards the rest
  bool cancelled_ = false;
  RequestGate::Ticket ticket_ = 0;
  std::shared_ptr<HttpClient::Handle> handle_;
};

}  // namespace leeward
