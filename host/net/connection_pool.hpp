#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/net/client_connection.hpp"

namespace leeward {

/// Which connection carries which call: kept connections first, the latest used before others, then new ones up to a
/// limit, then a queue. Loop-only; owned by the client.
///
/// Where the limit binds, an origin that has no connection yet gets the next one that becomes free anywhere, so that a
/// busy origin cannot starve the others.
class ConnectionPool final : private ClientConnection::Owner, private HttpCall::Carrier {
 public:
  ConnectionPool(IoLoop& loop, std::string ca_file, std::size_t max_connections);
  ~ConnectionPool() override;

  void submit(std::shared_ptr<HttpCall> call);
  /// Cancels every call and closes every connection.
  void close_all();

 private:
  struct Origin {
    std::vector<ClientConnection*> idle;            // latest used last
    std::deque<std::shared_ptr<HttpCall>> waiting;  // may hold calls that are done
    std::size_t connections = 0;
  };
  using Origins = std::unordered_map<std::string, Origin>;

  void on_free(ClientConnection& connection) override;
  void on_closed(ClientConnection& connection) override;
  void on_stale(std::shared_ptr<HttpCall> call) override;
  Result<TlsContext*> tls() override;
  void drop(HttpCall&) override {}  // a waiting call that ended is skipped when its turn comes

  void place(std::shared_ptr<HttpCall> call, bool on_kept_connection);
  void open_for(std::shared_ptr<HttpCall> call);
  [[nodiscard]] bool make_room();
  void serve_waiting();
  [[nodiscard]] std::shared_ptr<HttpCall> next_waiting(Origin& origin);
  [[nodiscard]] Origins::iterator starving_origin();
  void close_old();

  IoLoop& loop_;
  const std::string ca_file_;
  const std::size_t max_connections_;
  Resolver resolver_;
  std::unique_ptr<TlsContext> tls_;
  IoTimer sweep_;
  Origins origins_;
  std::unordered_map<ClientConnection*, std::shared_ptr<ClientConnection>> connections_;
  bool closing_ = false;
};

}  // namespace leeward
