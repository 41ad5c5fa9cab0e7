#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "host/net/byte_stream.hpp"
#include "host/net/http_client.hpp"
#include "host/net/http_parser.hpp"
#include "host/net/http_request_writer.hpp"
#include "host/net/io_loop.hpp"

namespace leeward {

/// One request from submission to on_done: its bytes, its deadlines and the answer as it grows.
///
/// It knows no socket: whoever carries it (the pool while it waits, a connection later) hands it what was received and
/// reports how far it is. It ends itself on a deadline or when cancelled, and then tells its carrier. Loop-only; owned
/// by the pool or the connection that carries it.
class HttpCall : public std::enable_shared_from_this<HttpCall>, private HttpSink {
 public:
  /// Whoever has the call now.
  class Carrier {
   public:
    virtual ~Carrier() = default;
    /// The call ended by itself: let go of it, and of a connection that is in the middle of it.
    virtual void drop(HttpCall& call) = 0;
  };
  enum class Phase { kWaiting, kConnecting, kSending, kAwaiting, kHead, kBody, kDone };
  enum class Progress { kMore, kComplete, kFailed };

  HttpCall(IoLoop& loop, HttpRequest request, HttpClient::Callbacks callbacks);
  ~HttpCall() override;

  /// Refused before it was sent, or taken over: the reason, or the bytes to send.
  void set_written(Result<WrittenRequest> written);
  [[nodiscard]] bool refused() const noexcept { return !refusal_.code.empty(); }
  void fail_refused();

  void start();  ///< the total timeout runs from here
  void carried_by(Carrier* carrier) noexcept { carrier_ = carrier; }
  void enter(Phase phase);
  void sent_some();  ///< restarts the idle timeout while sending
  void cancel() { fail("http.cancelled", "the request was cancelled"); }
  void fail(std::string_view code, std::string message);

  [[nodiscard]] const Route& route() const noexcept { return written_.route; }
  [[nodiscard]] std::string_view bytes() const noexcept { return written_.bytes; }
  void forget_bytes() noexcept { written_.bytes = {}; }  ///< all sent, and an answer has begun
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
  void set_sequence(std::uint64_t sequence) noexcept { sequence_ = sequence; }
  [[nodiscard]] Phase phase() const noexcept { return phase_; }
  [[nodiscard]] bool done() const noexcept { return phase_ == Phase::kDone; }
  /// Once: may the call be sent again over a fresh connection, as the server closed a kept one before a byte of an
  /// answer?
  [[nodiscard]] bool take_second_try() noexcept { return !heard_ && !std::exchange(response_.sent_twice, true); }
  [[nodiscard]] bool keeps_connection() const noexcept { return keeps_connection_; }

  /// After kFailed the carrier has been told. After kComplete: complete(), once the connection is put away.
  [[nodiscard]] Progress take(std::string_view bytes);
  [[nodiscard]] Progress take_end(const StreamResult& how, const std::string& reason);
  void complete();

 private:
  void on_head(HttpHead head) override;
  void on_body(std::string_view piece) override;
  [[nodiscard]] Progress judge(HttpParser::State state);
  void new_parser();
  void on_deadline();
  void arm();
  void finish();

  HttpClient::Callbacks callbacks_;
  HttpResponse response_;
  WrittenRequest written_;
  Error refusal_{};
  std::chrono::milliseconds connect_timeout_;
  std::chrono::milliseconds first_byte_timeout_;
  std::chrono::milliseconds idle_timeout_;
  std::chrono::milliseconds total_timeout_;
  std::uint64_t max_body_bytes_;
  std::uint64_t sequence_ = 0;
  IoTimer timer_;
  IoTime timer_at_ = IoTime::max();
  IoTime phase_deadline_ = IoTime::max();
  IoTime total_deadline_ = IoTime::max();
  Phase phase_ = Phase::kWaiting;
  Carrier* carrier_ = nullptr;
  std::unique_ptr<HttpParser> parser_;  // from the answer's first byte on
  int interim_answers_ = 0;
  bool heard_ = false;
  bool interim_ = false;  // the head just read is a 1xx
  bool encoded_ = false;
  bool keeps_connection_ = false;
};

}  // namespace leeward
