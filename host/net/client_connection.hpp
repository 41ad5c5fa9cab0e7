#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/net/byte_stream.hpp"
#include "host/net/http_call.hpp"
#include "host/net/io_loop.hpp"
#include "host/net/resolver.hpp"
#include "host/net/tls_context.hpp"

namespace leeward {

/// One connection of the client: made for a first call (address, TCP, proxy tunnel, TLS), then carrying call after
/// call.
///
/// Owned by the pool through `Owner`; loop-only. While it waits for an answer it holds no buffer: what arrives is read
/// into the loop's scratch memory and handed to the call at once.
class ClientConnection : public std::enable_shared_from_this<ClientConnection>, private HttpCall::Carrier {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// The answer was read whole and the connection can carry another call.
    virtual void on_free(ClientConnection& connection) = 0;
    /// The connection is closed; the owner lets go of it.
    virtual void on_closed(ClientConnection& connection) = 0;
    /// The server had closed this kept connection before it answered anything: the call wants a fresh one.
    virtual void on_stale(std::shared_ptr<HttpCall> call) = 0;
    /// The context that TLS connections share; not ok if it cannot be made.
    virtual Result<TlsContext*> tls() = 0;
  };

  ClientConnection(IoLoop& loop, Resolver& resolver, Route route, Owner& owner);
  ~ClientConnection() override;

  [[nodiscard]] const Route& route() const noexcept { return route_; }
  [[nodiscard]] IoTime idle_since() const noexcept { return idle_since_; }
  /// Sends the call's request, over a new connection if this one is new. REQUIRES: new or idle.
  void carry(std::shared_ptr<HttpCall> call);
  /// REQUIRES: idle.
  void close();
  /// Ends the call it carries, and with it the connection.
  void cancel();

 private:
  enum class State { kNew, kConnecting, kTunnel, kHandshake, kIdle, kBusy, kClosed };
  struct Tunnel;

  void drop(HttpCall& call) override;

  void dial();
  void try_next_address();
  void on_ready();
  void on_connected();
  void start_tunnel();
  void pump_tunnel();
  void start_tls();
  void shake_hands();
  void start_sending();
  void pump();
  [[nodiscard]] bool send_some();
  void receive_some();
  void on_end(const StreamResult& how);
  void finish_call();
  void give_back();
  void fail(std::string_view code, std::string message);
  void shut();
  [[nodiscard]] std::string hop_name() const;

  IoLoop& loop_;
  Resolver& resolver_;
  Owner& owner_;
  const Route route_;
  State state_ = State::kNew;
  std::unique_ptr<IoSocket> socket_;
  std::unique_ptr<ByteStream> stream_;
  std::shared_ptr<HttpCall> call_;
  std::size_t sent_ = 0;
  std::size_t request_size_ = 0;
  bool reused_ = false;
  bool send_failed_ = false;
  IoTime idle_since_{};

  // While it is made; given back then.
  std::vector<SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  std::string last_failure_;
  std::unique_ptr<IoTimer> address_timer_;
  std::unique_ptr<Tunnel> tunnel_;
};

}  // namespace leeward
