#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace llm {

/// One dispatched event of a text/event-stream.
struct SseEvent {
  std::string type;  ///< of the `event:` field; empty: "message"
  std::string data;  ///< the `data:` lines, joined by LF
};

/// Reads server-sent events as WHATWG describes them, from pieces that end anywhere: inside a character, between the CR
/// and the LF of one line end. Pure. One parser a stream; used by whoever receives its pieces.
///
/// What must stay true: how the bytes are cut into pieces never changes the events; a block that the stream ends before
/// its blank line is dropped; what is kept never grows past the limit.
class SseParser {
 public:
  static constexpr std::size_t kLimit = 1u << 20;  ///< bytes of one line, and of one event's data

  using Sink = std::function<void(const SseEvent&)>;

  explicit SseParser(std::size_t limit = kLimit) : limit_(limit) {}

  /// False once a line or an event has passed the limit; everything after that is ignored.
  bool feed(std::string_view piece, const Sink& sink);

  [[nodiscard]] const std::optional<std::uint64_t>& retry_ms() const noexcept { return retry_ms_; }
  /// The last `id:` field, which outlives its event.
  [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }

 private:
  void end_line(const Sink& sink);
  void dispatch(const Sink& sink);
  void field(std::string_view name, std::string_view value);

  std::size_t limit_;
  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool first_line_ = true;
  bool overflow_ = false;
  std::string last_id_;
  std::optional<std::uint64_t> retry_ms_;
};

}  // namespace llm
