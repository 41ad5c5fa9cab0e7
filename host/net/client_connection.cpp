#include "host/net/client_connection.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward {

namespace {

using Kind = StreamResult::Kind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kReadsATurn = 16;  // then others get their turn
constexpr std::size_t kMaxTunnelHead = 16 * 1024;
constexpr milliseconds kAddressTime{2000};  // for one address, while there are others to try

}  // namespace

// The request to a proxy for a way through to the server.
struct ClientConnection::Tunnel : HttpSink {
  std::string request;
  std::size_t sent = 0;
  HttpHead answer;
  HttpParser parser{HttpParser::Kind::kAnswerWithoutBody, {kMaxTunnelHead, 0}, *this};

  void on_head(HttpHead head) override { answer = std::move(head); }
  void on_body(std::string_view) override {}
};

ClientConnection::ClientConnection(IoLoop& loop, Resolver& resolver, Route route, Owner& owner)
    : loop_(loop), resolver_(resolver), owner_(owner), route_(std::move(route)) {}

ClientConnection::~ClientConnection() = default;

void ClientConnection::carry(std::shared_ptr<HttpCall> call) {
  LW_ASSERT(state_ == State::kNew || state_ == State::kIdle, "a connection carries one call at a time");
  call_ = std::move(call);
  call_->carried_by(this);
  sent_ = 0;
  request_size_ = call_->bytes().size();
  reused_ = state_ == State::kIdle;
  if (!reused_) {
    dial();
  } else if (stream_->read(loop_.scratch()).kind == Kind::kWantRead) {
    start_sending();
  } else {
    // Closed meanwhile, or something was said that would be taken for the answer to what was not asked yet.
    give_back();
  }
}

void ClientConnection::close() {
  LW_ASSERT(state_ == State::kIdle, "only an idle connection is closed without a reason");
  shut();
}

void ClientConnection::cancel() {
  if (const auto call = call_) {
    call->cancel();
  } else {
    shut();
  }
}

// The call ended by itself. Its answer may still come, so the connection is of no more use.
void ClientConnection::drop(HttpCall&) {
  call_.reset();
  shut();
}

void ClientConnection::dial() {
  state_ = State::kConnecting;
  call_->enter(HttpCall::Phase::kConnecting);
  const std::string& host = route_.proxy ? route_.proxy->host : route_.host;
  const std::uint16_t port = route_.proxy ? route_.proxy->port : route_.port;
  resolver_.resolve(host, port, [weak = weak_from_this()](const Result<std::vector<SocketAddress>>& found) {
    const auto self = weak.lock();
    if (!self || self->state_ != State::kConnecting) return;
    if (!found) return self->fail(self->route_.proxy ? "http.proxy" : "http.connect", found.error().message);
    self->addresses_ = *found;
    self->try_next_address();
  });
}

void ClientConnection::try_next_address() {
  socket_.reset();
  while (next_address_ < addresses_.size()) {
    auto descriptor = start_connect(addresses_[next_address_++]);
    if (!descriptor) {
      last_failure_ = descriptor.error().message;
      continue;
    }
    socket_ = std::make_unique<IoSocket>(loop_, *descriptor,
                                         IoSocket::Callbacks{[this] { on_ready(); }, [this] { on_ready(); }});
    socket_->wait_writable();
    if (next_address_ < addresses_.size()) {
      if (!address_timer_) {
        address_timer_ = std::make_unique<IoTimer>(loop_, [this] {
          last_failure_ = "no answer";
          try_next_address();
        });
      }
      address_timer_->set_after(kAddressTime);
    } else {
      address_timer_.reset();
    }
    return;
  }
  fail(route_.proxy ? "http.proxy" : "http.connect", "cannot connect to " + hop_name() + ": " + last_failure_);
}

// Whatever the socket said: do what the state allows.
void ClientConnection::on_ready() {
  const auto alive = shared_from_this();
  switch (state_) {
    case State::kConnecting:
      if (const int failure = connect_error(socket_->descriptor()); failure != 0) {
        last_failure_ = std::generic_category().message(failure);
        try_next_address();
      } else {
        on_connected();
      }
      break;
    case State::kTunnel: pump_tunnel(); break;
    case State::kHandshake: shake_hands(); break;
    case State::kBusy: pump(); break;
    case State::kIdle:
      // The server closed, or said something nobody asked for: either way the connection has had its day. An empty
      // wake-up (TLS session tickets) is neither.
      switch (stream_->read(loop_.scratch()).kind) {
        case Kind::kWantRead: socket_->wait_readable(); break;
        default: shut();
      }
      break;
    case State::kNew:
    case State::kClosed: break;
  }
}

void ClientConnection::on_connected() {
  addresses_ = {};
  last_failure_ = {};
  address_timer_.reset();
  if (route_.proxy && route_.tls) {
    start_tunnel();
  } else if (route_.tls) {
    start_tls();
  } else {
    stream_ = make_plain_stream(socket_->descriptor());
    start_sending();
  }
}

void ClientConnection::start_tunnel() {
  state_ = State::kTunnel;
  stream_ = make_plain_stream(socket_->descriptor());
  tunnel_ = std::make_unique<Tunnel>();
  const std::string target = host_and_port(route_.host, route_.port);
  tunnel_->request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!route_.proxy->authorization.empty()) {
    tunnel_->request += "Proxy-Authorization: " + route_.proxy->authorization + "\r\n";
  }
  tunnel_->request += "\r\n";
  pump_tunnel();
}

void ClientConnection::pump_tunnel() {
  while (tunnel_->sent < tunnel_->request.size()) {
    const StreamResult sent = stream_->write(std::string_view(tunnel_->request).substr(tunnel_->sent));
    if (sent.kind == Kind::kWantWrite) return socket_->wait_writable();
    if (sent.kind != Kind::kOk) return fail("http.proxy", "the proxy " + hop_name() + " closed the connection");
    tunnel_->sent += sent.bytes;
  }
  const StreamResult got = stream_->read(loop_.scratch());
  if (got.kind == Kind::kWantRead) return socket_->wait_readable();
  if (got.kind != Kind::kOk) return fail("http.proxy", "the proxy " + hop_name() + " closed the connection");
  switch (tunnel_->parser.feed({loop_.scratch().data(), got.bytes})) {
    case HttpParser::State::kMore: return socket_->wait_readable();
    case HttpParser::State::kDone: break;
    default: return fail("http.proxy", "the proxy " + hop_name() + " sent no HTTP answer");
  }
  const int status = tunnel_->answer.status;
  if (status / 100 != 2) {
    return fail("http.proxy", "the proxy " + hop_name() + " refused the tunnel with status " + std::to_string(status));
  }
  // The server speaks only when spoken to: what is here already did not come from it.
  if (!tunnel_->parser.rest().empty())
    return fail("http.proxy", "the proxy " + hop_name() + " sent more than its answer");
  tunnel_.reset();
  start_tls();
}

void ClientConnection::start_tls() {
  auto context = owner_.tls();
  if (!context) return fail("http.tls", context.error().message);
  stream_ = (*context)->connect(socket_->descriptor(), route_.host);
  state_ = State::kHandshake;
  shake_hands();
}

void ClientConnection::shake_hands() {
  switch (stream_->handshake().kind) {
    case Kind::kOk: start_sending(); break;
    case Kind::kWantRead: socket_->wait_readable(); break;
    case Kind::kWantWrite: socket_->wait_writable(); break;
    case Kind::kFailed: fail("http.tls", route_.host + ": " + stream_->failure()); break;
    default: fail("http.tls", route_.host + ": the connection was closed during the TLS handshake"); break;
  }
}

void ClientConnection::start_sending() {
  state_ = State::kBusy;
  call_->enter(HttpCall::Phase::kSending);
  pump();
}

void ClientConnection::pump() {
  const auto alive = shared_from_this();
  const bool sent_all = send_some();
  // Right after the last byte went out no answer can be there: asking for one would cost a system call for nothing.
  if (sent_all) {
    socket_->wait_readable();
  } else {
    receive_some();
  }
}

// True if this turn sent the last byte.
bool ClientConnection::send_some() {
  const std::string_view bytes = call_->bytes();
  if (sent_ >= bytes.size() || send_failed_) return false;
  while (sent_ < bytes.size()) {
    const StreamResult sent = stream_->write(bytes.substr(sent_));
    if (sent.kind == Kind::kOk) {
      sent_ += sent.bytes;
      call_->sent_some();
    } else if (sent.kind == Kind::kWantWrite || sent.kind == Kind::kWantRead) {
      if (sent.kind == Kind::kWantWrite) socket_->wait_writable();
      return false;
    } else {
      // A server may answer before it has read everything, and close: the answer is then waiting to be read.
      send_failed_ = true;
      return false;
    }
  }
  if (call_->phase() == HttpCall::Phase::kSending) call_->enter(HttpCall::Phase::kAwaiting);
  return true;
}

void ClientConnection::receive_some() {
  const auto call = call_;  // may end, and be let go of, in the middle
  for (std::size_t turn = 0; turn < kReadsATurn; ++turn) {
    const StreamResult got = stream_->read(loop_.scratch());
    if (got.kind == Kind::kWantRead) break;
    if (got.kind == Kind::kWantWrite) return socket_->wait_writable();
    if (got.kind != Kind::kOk) return on_end(got);
    switch (call->take({loop_.scratch().data(), got.bytes})) {
      case HttpCall::Progress::kMore:
        if (sent_ == request_size_) call->forget_bytes();
        break;
      case HttpCall::Progress::kComplete: return finish_call();
      case HttpCall::Progress::kFailed: return;
    }
  }
  socket_->wait_readable();
}

void ClientConnection::on_end(const StreamResult& how) {
  const auto call = call_;
  if (reused_ && how.kind != Kind::kFailed && call->take_second_try()) {
    give_back();
  } else if (call->take_end(how, stream_->failure()) == HttpCall::Progress::kComplete) {
    finish_call();
  }
}

// The call goes elsewhere, as if it had never been here.
void ClientConnection::give_back() {
  const auto alive = shared_from_this();
  auto call = std::exchange(call_, nullptr);
  call->carried_by(nullptr);
  shut();
  owner_.on_stale(std::move(call));
}

void ClientConnection::finish_call() {
  const auto alive = shared_from_this();
  const auto call = std::exchange(call_, nullptr);
  call->carried_by(nullptr);
  // An answer to a request that was not sent whole leaves the connection in the middle of it.
  if (call->keeps_connection() && sent_ == request_size_) {
    state_ = State::kIdle;
    idle_since_ = steady_clock::now();
    socket_->wait_readable();
    owner_.on_free(*this);
  } else {
    shut();
  }
  call->complete();
}

void ClientConnection::fail(std::string_view code, std::string message) {
  const auto call = call_;  // failing it drops the connection
  call->fail(code, std::move(message));
}

void ClientConnection::shut() {
  if (state_ == State::kClosed) return;
  const auto alive = shared_from_this();
  state_ = State::kClosed;
  address_timer_.reset();
  if (stream_ && socket_) stream_->end();
  socket_.reset();
  stream_.reset();
  tunnel_.reset();
  owner_.on_closed(*this);
}

std::string ClientConnection::hop_name() const {
  return route_.proxy ? host_and_port(route_.proxy->host, route_.proxy->port) : host_and_port(route_.host, route_.port);
}

}  // namespace leeward
