#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "host/net/byte_stream.hpp"
#include "host/net/http_parser.hpp"
#include "host/net/http_server.hpp"
#include "host/net/io_loop.hpp"

namespace leeward {

/// One connection of an HttpServer: reads requests one after the other and carries out the steps that answer each.
///
/// Owned by the server through `Owner`; loop-only. Responders hold it weakly and name the exchange they belong to, so
/// that a step that comes late finds nothing to do.
class ServerConnection : public std::enable_shared_from_this<ServerConnection>, private HttpSink {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_request(const std::shared_ptr<ServerConnection>& connection, HttpServerRequest request) = 0;
    /// The connection is over; the owner lets go of it.
    virtual void on_closed(std::uint64_t number) = 0;
  };
  struct Settings {
    std::uint64_t number;
    HttpParser::Limits limits;
  };
  struct Step {
    enum class Kind { kBytes, kWait, kCall, kKeep, kClose, kReset, kHang };
    Kind kind = Kind::kBytes;
    std::string bytes{};
    std::chrono::milliseconds delay{0};
    std::function<void()> callback{};
    [[nodiscard]] bool ends() const noexcept { return kind >= Kind::kKeep; }
  };

  ServerConnection(IoLoop& loop, int descriptor, std::unique_ptr<ByteStream> stream, Settings settings, Owner& owner);
  ~ServerConnection() override;

  void start();
  void close_if_idle();

  // For responders; each names the exchange it belongs to, and nothing happens if that one is over.
  [[nodiscard]] bool in_exchange(std::uint64_t exchange) const noexcept;
  [[nodiscard]] std::uint64_t exchange() const noexcept { return exchange_; }
  void queue(std::uint64_t exchange, Step step);
  void on_disconnect(std::uint64_t exchange, std::function<void()> callback);
  [[nodiscard]] bool client_keeps() const noexcept { return client_keeps_; }
  [[nodiscard]] bool head_only() const noexcept { return head_only_; }

 private:
  enum class Phase { kHandshake, kRequest, kExchange, kDraining, kClosed };

  void on_head(HttpHead head) override;
  void on_body(std::string_view piece) override;

  void advance();
  void read_some();
  void take(std::string_view bytes);
  void refuse(int status, const std::string& reason);
  void run_steps();
  [[nodiscard]] bool perform(Step& step);
  [[nodiscard]] bool flush();
  void next_request();
  void drain();
  void shut();

  IoLoop& loop_;
  Owner& owner_;
  const Settings settings_;
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<IoSocket> socket_;
  IoTimer timer_;
  Phase phase_ = Phase::kHandshake;
  std::unique_ptr<HttpParser> parser_;
  HttpServerRequest request_;
  std::string rest_;  // bytes of the next request that came too early
  std::uint64_t exchange_ = 0;
  bool client_keeps_ = true;
  bool head_only_ = false;
  bool running_ = false;  // inside run_steps()
  std::deque<Step> steps_;
  std::string out_;
  std::size_t out_sent_ = 0;
  std::function<void()> on_disconnect_;
};

/// Steps for HttpServer's handler. When the last reference goes, an exchange without an ending step is ended.
[[nodiscard]] std::shared_ptr<HttpResponder> make_responder(const std::shared_ptr<ServerConnection>& connection);

}  // namespace leeward
