#include "host/net/server_connection.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "host/net/tcp_socket.hpp"

namespace leeward {

namespace {

using Kind = StreamResult::Kind;
using std::chrono::milliseconds;

constexpr milliseconds kDrainTime{2000};        // for the peer to read what we sent before it closes
constexpr std::size_t kEarlyBytes = 64 * 1024;  // of the next request, kept while this one is answered
constexpr std::size_t kServerReadsATurn = 16;   // then others get their turn

}  // namespace

ServerConnection::ServerConnection(IoLoop& loop, int descriptor, std::unique_ptr<ByteStream> stream, Settings settings,
                                   Owner& owner)
    : loop_(loop),
      owner_(owner),
      settings_(settings),
      stream_(std::move(stream)),
      socket_(std::make_unique<IoSocket>(loop, descriptor,
                                         IoSocket::Callbacks{[this] { advance(); }, [this] { advance(); }})),
      timer_(loop, [this] {
        if (phase_ == Phase::kDraining) {
          shut();
        } else {
          const auto alive = shared_from_this();
          LW_ASSERT(!steps_.empty(), "the timer runs for a waiting step");
          steps_.pop_front();
          run_steps();
        }
      }) {}

ServerConnection::~ServerConnection() = default;

void ServerConnection::start() { advance(); }

void ServerConnection::close_if_idle() {
  if (phase_ == Phase::kRequest && request_.method.empty()) shut();
}

bool ServerConnection::in_exchange(std::uint64_t exchange) const noexcept {
  return phase_ == Phase::kExchange && exchange_ == exchange;
}

void ServerConnection::queue(std::uint64_t exchange, Step step) {
  if (!in_exchange(exchange)) return;
  LW_ASSERT(steps_.empty() || !steps_.back().ends(), "nothing follows the step that ends an answer");
  steps_.push_back(std::move(step));
  if (steps_.size() == 1) run_steps();
}

void ServerConnection::on_disconnect(std::uint64_t exchange, std::function<void()> callback) {
  if (in_exchange(exchange)) on_disconnect_ = std::move(callback);
}

// Whatever the socket said: do what the phase allows, and wait for more.
void ServerConnection::advance() {
  const auto alive = shared_from_this();
  if (phase_ == Phase::kHandshake) {
    switch (stream_->handshake().kind) {
      case Kind::kOk: next_request(); break;
      case Kind::kWantRead: socket_->wait_readable(); return;
      case Kind::kWantWrite: socket_->wait_writable(); return;
      default: shut(); return;
    }
  }
  if (phase_ == Phase::kExchange && out_sent_ < out_.size()) run_steps();
  if (phase_ != Phase::kClosed) read_some();
}

void ServerConnection::read_some() {
  for (std::size_t turn = 0; turn < kServerReadsATurn; ++turn) {
    // A peer that sends without reading its answers is not read from until it does.
    if (phase_ == Phase::kClosed || (phase_ == Phase::kExchange && rest_.size() > kEarlyBytes)) return;
    const StreamResult got = stream_->read(loop_.scratch());
    if (got.kind == Kind::kOk) {
      take({loop_.scratch().data(), got.bytes});
    } else if (got.kind == Kind::kWantRead) {
      break;
    } else if (got.kind == Kind::kWantWrite) {
      socket_->wait_writable();
      return;
    } else {
      shut();
      return;
    }
  }
  if (phase_ != Phase::kClosed) socket_->wait_readable();
}

void ServerConnection::take(std::string_view bytes) {
  if (phase_ == Phase::kDraining) return;
  if (phase_ == Phase::kExchange) {
    rest_.append(bytes);
    return;
  }
  switch (parser_->feed(bytes)) {
    case HttpParser::State::kMore: return;
    case HttpParser::State::kDone: break;
    case HttpParser::State::kHeadTooLarge: refuse(431, "the request's headers are too large"); return;
    case HttpParser::State::kBodyTooLarge: refuse(413, "the request's body is too large"); return;
    default: refuse(400, "not an HTTP/1.1 request: " + parser_->reason()); return;
  }
  rest_ = parser_->rest();
  parser_.reset();
  phase_ = Phase::kExchange;
  ++exchange_;
  request_.connection = settings_.number;
  owner_.on_request(shared_from_this(), std::exchange(request_, {}));
}

void ServerConnection::on_head(HttpHead head) {
  client_keeps_ = head.keep_alive;
  head_only_ = head.method == "HEAD";
  request_.method = std::move(head.method);
  request_.target = std::move(head.target);
  request_.headers = std::move(head.headers);
  if (request_.header("expect") == "100-continue") {
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    (void)flush();
  }
}

void ServerConnection::on_body(std::string_view piece) { request_.body.append(piece); }

// Past the handler: the request never became one.
void ServerConnection::refuse(int status, const std::string& reason) {
  phase_ = Phase::kExchange;
  ++exchange_;
  client_keeps_ = false;
  make_responder(shared_from_this())->answer(status, {{"content-type", "text/plain"}}, reason + "\n");
}

void ServerConnection::run_steps() {
  if (std::exchange(running_, true)) return;  // a callback queued more: the loop below gets there
  const std::uint64_t exchange = exchange_;
  while (in_exchange(exchange) && flush() && !steps_.empty()) {
    if (!perform(steps_.front())) break;
  }
  running_ = false;
}

// True: the step is over and was taken away, go on with the next.
bool ServerConnection::perform(Step& step) {
  switch (step.kind) {
    case Step::Kind::kBytes:
      out_ = std::move(step.bytes);
      out_sent_ = 0;
      break;
    case Step::Kind::kWait:
      if (!timer_.armed()) timer_.set_after(step.delay);
      return false;
    case Step::Kind::kCall: {
      const auto callback = std::move(step.callback);
      steps_.pop_front();
      callback();
      return true;
    }
    case Step::Kind::kKeep: next_request(); return false;
    case Step::Kind::kClose: drain(); return false;
    case Step::Kind::kReset:
      set_reset_on_close(socket_->descriptor());
      shut();
      return false;
    case Step::Kind::kHang: return false;
  }
  steps_.pop_front();
  return true;
}

// False: not all was taken yet, or the peer is gone.
bool ServerConnection::flush() {
  while (out_sent_ < out_.size()) {
    const StreamResult sent = stream_->write(std::string_view(out_).substr(out_sent_));
    if (sent.kind == Kind::kOk) {
      out_sent_ += sent.bytes;
    } else if (sent.kind == Kind::kWantWrite || sent.kind == Kind::kWantRead) {
      if (sent.kind == Kind::kWantWrite) socket_->wait_writable();
      return false;
    } else {
      shut();
      return false;
    }
  }
  out_ = {};
  out_sent_ = 0;
  return true;
}

void ServerConnection::next_request() {
  steps_.clear();
  on_disconnect_ = nullptr;
  phase_ = Phase::kRequest;
  parser_ = std::make_unique<HttpParser>(HttpParser::Kind::kRequest, settings_.limits, static_cast<HttpSink&>(*this));
  if (rest_.empty()) return;
  // On a turn of its own: a peer that pipelines must not deepen the stack with each request.
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->phase_ != Phase::kRequest || self->rest_.empty()) return;
    self->take(std::exchange(self->rest_, {}));
    if (self->phase_ != Phase::kClosed) self->socket_->wait_readable();
  });
}

// Closing at once, with bytes of the peer unread, would reset the connection and lose the answer on its way.
void ServerConnection::drain() {
  on_disconnect_ = nullptr;
  steps_.clear();
  phase_ = Phase::kDraining;
  stream_->end();
  timer_.set_after(kDrainTime);
  socket_->wait_readable();
}

void ServerConnection::shut() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  const auto alive = shared_from_this();
  timer_.cancel();
  socket_.reset();
  steps_.clear();
  if (const auto callback = std::exchange(on_disconnect_, nullptr)) callback();
  owner_.on_closed(settings_.number);
}

}  // namespace leeward
