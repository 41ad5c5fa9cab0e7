#include "host/net/http_server.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <list>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <utility>

#include "host/net/io_loop.hpp"
#include "host/net/server_connection.hpp"
#include "host/net/tcp_socket.hpp"
#include "host/net/tls_context.hpp"

namespace leeward {

namespace {

using std::chrono::milliseconds;

constexpr int kAcceptsATurn = 256;              // then the connections that are there get their turn
constexpr milliseconds kNoDescriptorPause{50};  // when the process has no descriptor left for a new connection

Result<SocketAddress> parse_listen(const std::string& text) {
  const Error bad{"net.listen",
                  "cannot listen on \"" + text + "\": expected a numeric address and a port, \"127.0.0.1:0\""};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return bad;
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, port);
  if (failure != std::errc{} || stop != end) return bad;
  auto address = numeric_address(host, port);
  if (!address) return bad;
  return address;
}

class Server final : public HttpServer, private ServerConnection::Owner {
 public:
  Server(Options options, Handler handler, int listener, std::string host, std::unique_ptr<TlsContext> tls)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        host_(std::move(host)),
        port_(bound_port(listener)),
        tls_(std::move(tls)),
        listener_(std::make_unique<IoSocket>(loop_, listener, IoSocket::Callbacks{[this] { accept_some(); }, nullptr})),
        accept_again_(std::make_unique<IoTimer>(loop_, [this] { accept_some(); })),
        thread_([this] {
          listener_->wait_readable();
          loop_.run();
        }) {}

  ~Server() override {
    LW_ASSERT(!loop_.on_loop_thread(), "a server is not destroyed by its own handler");
    loop_.post([this] { shut_down(); });
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::string origin() const override {
    return (tls_ ? "https://" : "http://") + host_ + ":" + std::to_string(port_);
  }
  [[nodiscard]] std::uint64_t connections_accepted() const override { return accepted_.load(); }
  [[nodiscard]] std::uint64_t connections_open() const override { return open_.load(); }

  void close_idle_connections() override {
    loop_.post([this] {
      std::vector<std::shared_ptr<ServerConnection>> all;  // closing one takes it out of the map
      all.reserve(connections_.size());
      for (const auto& [number, connection] : connections_) all.push_back(connection);
      for (const auto& connection : all) connection->close_if_idle();
    });
  }

  void post(std::function<void()> callback) override { loop_.post(std::move(callback)); }

  void after(milliseconds delay, std::function<void()> callback) override {
    loop_.post([this, at = io_time_after(delay), callback = std::move(callback)]() mutable {
      auto timer = timers_.emplace(timers_.end(), nullptr);
      *timer = std::make_unique<IoTimer>(loop_, [this, timer, callback = std::move(callback)] {
        const auto fired = std::move(*timer);
        timers_.erase(timer);
        callback();
      });
      (*timer)->set(at);
    });
  }

 private:
  void on_request(const std::shared_ptr<ServerConnection>& connection, HttpServerRequest request) override {
    handler_(std::move(request), make_responder(connection));
  }

  void on_closed(std::uint64_t number) override {
    connections_.erase(number);
    open_.store(connections_.size());
  }

  void accept_some() {
    for (int turn = 0; turn < kAcceptsATurn; ++turn) {
      const int descriptor = ::accept4(listener_->descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) {
        add(descriptor);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        // The connection stays in the queue and the listener readable: waiting for it again would spin.
        accept_again_->set_after(kNoDescriptorPause);
        return;
      }
    }
    listener_->wait_readable();
  }

  void add(int descriptor) {
    set_no_delay(descriptor);
    const std::uint64_t number = accepted_.fetch_add(1) + 1;
    auto stream = tls_ ? tls_->accept(descriptor) : make_plain_stream(descriptor);
    const ServerConnection::Settings settings{number, {options_.max_header_bytes, options_.max_body_bytes}};
    auto connection = std::make_shared<ServerConnection>(loop_, descriptor, std::move(stream), settings,
                                                         static_cast<ServerConnection::Owner&>(*this));
    connections_.emplace(number, connection);
    open_.store(connections_.size());
    connection->start();
  }

  void shut_down() {
    listener_.reset();
    accept_again_.reset();
    timers_.clear();
    connections_.clear();
    open_.store(0);
    loop_.stop();
  }

  const Options options_;
  const Handler handler_;
  const std::string host_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> open_{0};
  IoLoop loop_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<IoSocket> listener_;
  std::unique_ptr<IoTimer> accept_again_;
  std::list<std::unique_ptr<IoTimer>> timers_;
  std::unordered_map<std::uint64_t, std::shared_ptr<ServerConnection>> connections_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace

std::string_view HttpServerRequest::path() const noexcept {
  const std::string_view whole = target;
  return whole.substr(0, whole.find('?'));
}

std::string_view HttpServerRequest::header(std::string_view lower_case_name) const noexcept {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(Options options, Handler handler) {
  auto address = parse_listen(options.listen);
  if (!address) return std::move(address).error();
  std::unique_ptr<TlsContext> tls;
  if (!options.certificate_file.empty()) {
    auto made = TlsContext::for_server(options.certificate_file, options.key_file);
    if (!made) return std::move(made).error();
    tls = std::move(made).value();
  }
  raise_open_file_limit();
  auto listener = listen_tcp(*address);
  if (!listener) return std::move(listener).error();
  std::string host = options.listen.substr(0, options.listen.rfind(':'));
  return std::unique_ptr<HttpServer>(
      std::make_unique<Server>(std::move(options), std::move(handler), *listener, std::move(host), std::move(tls)));
}

}  // namespace leeward
