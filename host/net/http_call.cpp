#include "host/net/http_call.hpp"

#include <algorithm>
#include <utility>

namespace leeward {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kConnectTimeout{10'000};
constexpr milliseconds kFirstByteTimeout{60'000};
constexpr milliseconds kIdleTimeout{30'000};
constexpr milliseconds kTotalTimeout{600'000};
constexpr std::uint64_t kMaxBodyBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaxHeadBytes = 64 * 1024;
constexpr int kMaxInterimAnswers = 16;

milliseconds or_default(milliseconds given, milliseconds standard) { return given.count() > 0 ? given : standard; }

std::string in_seconds(milliseconds time) {
  std::string text = std::to_string(static_cast<double>(time.count()) / 1000.0);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

}  // namespace

HttpCall::HttpCall(IoLoop& loop, HttpRequest request, HttpClient::Callbacks callbacks)
    : callbacks_(std::move(callbacks)),
      connect_timeout_(or_default(request.connect_timeout, kConnectTimeout)),
      first_byte_timeout_(or_default(request.first_byte_timeout, kFirstByteTimeout)),
      idle_timeout_(or_default(request.idle_timeout, kIdleTimeout)),
      total_timeout_(or_default(request.total_timeout, kTotalTimeout)),
      max_body_bytes_(request.max_body_bytes > 0 ? request.max_body_bytes : kMaxBodyBytes),
      timer_(loop, [this] { on_deadline(); }) {}

HttpCall::~HttpCall() = default;

void HttpCall::set_written(Result<WrittenRequest> written) {
  if (written.ok()) {
    written_ = std::move(written).value();
  } else {
    refusal_ = std::move(written).error();
  }
}

void HttpCall::fail_refused() { fail(refusal_.code, std::move(refusal_.message)); }

void HttpCall::start() { total_deadline_ = io_time_after(total_timeout_); }

void HttpCall::enter(Phase phase) {
  if (done()) return;
  phase_ = phase;
  switch (phase) {
    case Phase::kConnecting: phase_deadline_ = io_time_after(connect_timeout_); break;
    case Phase::kAwaiting: phase_deadline_ = io_time_after(first_byte_timeout_); break;
    case Phase::kSending: response_.sent = true; [[fallthrough]];
    case Phase::kHead:
    case Phase::kBody: phase_deadline_ = io_time_after(idle_timeout_); break;
    case Phase::kWaiting:
    case Phase::kDone: phase_deadline_ = IoTime::max(); break;
  }
  arm();
}

// The timer only ever moves forward to an earlier deadline. One that was put off is found out when the timer fires:
// most requests then set it once, whatever happens to them.
void HttpCall::arm() {
  const IoTime due = std::min(phase_deadline_, total_deadline_);
  if (timer_.armed() && timer_at_ <= due) return;
  timer_at_ = due;
  timer_.set(due);
}

void HttpCall::on_deadline() {
  const auto alive = shared_from_this();
  const IoTime now = steady_clock::now();
  if (now >= total_deadline_) {
    fail("http.timeout.total", "the request took longer than " + in_seconds(total_timeout_) + " in all");
  } else if (now < phase_deadline_) {
    arm();
  } else if (phase_ == Phase::kConnecting) {
    fail("http.timeout.connect", "no connection within " + in_seconds(connect_timeout_));
  } else if (phase_ == Phase::kAwaiting) {
    fail("http.timeout.first_byte", "the server sent nothing within " + in_seconds(first_byte_timeout_));
  } else if (phase_ == Phase::kSending) {
    fail("http.timeout.idle", "the server took nothing of the request for " + in_seconds(idle_timeout_));
  } else if (phase_ == Phase::kHead) {
    fail("http.timeout.idle", "the answer's headers were not complete within " + in_seconds(idle_timeout_));
  } else {
    fail("http.timeout.idle", "the server sent nothing more for " + in_seconds(idle_timeout_));
  }
}

void HttpCall::sent_some() { phase_deadline_ = io_time_after(idle_timeout_); }

HttpCall::Progress HttpCall::take(std::string_view bytes) {
  heard_ = true;
  if (phase_ == Phase::kBody) {
    phase_deadline_ = io_time_after(idle_timeout_);
  } else if (phase_ != Phase::kHead) {
    // The headers have one idle timeout for all of them: a server that drips them byte by byte is as good as silent.
    enter(Phase::kHead);
  }
  if (!parser_) new_parser();
  HttpParser::State state = parser_->feed(bytes);
  while (state == HttpParser::State::kDone && interim_) {
    if (response_.status == 101 || ++interim_answers_ > kMaxInterimAnswers) {
      fail("http.malformed", response_.status == 101 ? "the server switched to a protocol nobody asked for"
                                                     : "the server sent interim answers without end");
      return Progress::kFailed;
    }
    const std::string rest(parser_->rest());
    new_parser();
    state = rest.empty() ? HttpParser::State::kMore : parser_->feed(rest);
    if (rest.empty()) enter(Phase::kAwaiting);
  }
  return judge(state);
}

HttpCall::Progress HttpCall::judge(HttpParser::State state) {
  if (encoded_) {
    fail("http.malformed", "the answer is compressed, although only \"identity\" was accepted");
    return Progress::kFailed;
  }
  switch (state) {
    case HttpParser::State::kMore: return Progress::kMore;
    case HttpParser::State::kDone:
      // Bytes that nobody asked for: whatever they are, they are no part of the next answer.
      if (!parser_->rest().empty()) keeps_connection_ = false;
      return Progress::kComplete;
    case HttpParser::State::kHeadTooLarge: fail("http.too_large", "the answer's headers are larger than 64 KiB"); break;
    case HttpParser::State::kBodyTooLarge:
      fail("http.too_large", "the answer's body is larger than " + std::to_string(max_body_bytes_) + " bytes");
      break;
    case HttpParser::State::kTruncated:
      fail("http.truncated", "the connection was closed in the middle of the answer");
      break;
    case HttpParser::State::kMalformed: fail("http.malformed", "not an HTTP answer: " + parser_->reason()); break;
  }
  return Progress::kFailed;
}

HttpCall::Progress HttpCall::take_end(const StreamResult& how, const std::string& reason) {
  using Kind = StreamResult::Kind;
  keeps_connection_ = false;
  if (how.kind == Kind::kFailed) {
    fail("http.tls", "the TLS connection failed: " + reason);
  } else if (!heard_) {
    fail("http.reset", how.kind == Kind::kReset ? "the connection broke before an answer: " + reason
                                                : "the server closed the connection without an answer");
  } else if (how.kind == Kind::kReset) {
    fail("http.reset", "the connection broke in the middle of the answer: " + reason);
  } else if (how.kind == Kind::kCut) {
    fail("http.truncated", "the TLS connection ended in the middle of the answer");
  } else {
    return judge(parser_->finish());
  }
  return Progress::kFailed;
}

void HttpCall::on_head(HttpHead head) {
  interim_ = head.status < 200;
  response_.status = head.status;
  if (interim_) return;
  response_.headers = std::move(head.headers);
  keeps_connection_ = head.keep_alive;
  const std::string_view encoding = response_.header("content-encoding");
  encoded_ = !encoding.empty() && encoding != "identity";
  enter(Phase::kBody);
}

void HttpCall::on_body(std::string_view piece) {
  if (encoded_) return;
  if (callbacks_.on_chunk && response_.status / 100 == 2) {
    callbacks_.on_chunk(piece);
  } else {
    response_.body.append(piece);
  }
}

void HttpCall::new_parser() {
  interim_ = false;
  response_.status = 0;
  parser_ =
      std::make_unique<HttpParser>(written_.head ? HttpParser::Kind::kAnswerWithoutBody : HttpParser::Kind::kAnswer,
                                   HttpParser::Limits{kMaxHeadBytes, max_body_bytes_}, static_cast<HttpSink&>(*this));
}

void HttpCall::complete() {
  if (!done()) finish();
}

void HttpCall::fail(std::string_view code, std::string message) {
  if (done()) return;
  response_.error = code;
  response_.message = std::move(message);
  if (response_.status < 200) response_.status = 0;
  finish();
}

void HttpCall::finish() {
  const auto alive = shared_from_this();
  phase_ = Phase::kDone;
  timer_.cancel();
  if (Carrier* carrier = std::exchange(carrier_, nullptr)) carrier->drop(*this);
  // The callbacks may own the caller's world: they go as soon as the last one ran.
  const auto callbacks = std::exchange(callbacks_, {});
  callbacks.on_done(std::move(response_));
}

}  // namespace leeward
