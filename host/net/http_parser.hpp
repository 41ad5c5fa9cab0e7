#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leeward {

/// The first line and the headers of a message; a request fills method and target, an answer status.
struct HttpHead {
  std::string method;
  std::string target;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  bool keep_alive = false;  ///< may the connection carry another message after this one?
};

/// Receives a message as it is parsed. Called from inside feed() and finish(); must not destroy the parser.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual void on_head(HttpHead head) = 0;
  virtual void on_body(std::string_view piece) = 0;
};

/// Takes one HTTP/1.x message from bytes that come in any pieces, strictly: contradicting or repeated framing headers,
/// bad chunk sizes, other protocol versions and characters that may not stand in a header are refused. Loop-only. This
/// header is the door to Boost.Beast, which http_parser.cpp alone includes.
class HttpParser {
 public:
  enum class Kind { kRequest, kAnswer, kAnswerWithoutBody /* to HEAD */ };
  enum class State { kMore, kDone, kMalformed, kHeadTooLarge, kBodyTooLarge, kTruncated };
  struct Limits {
    std::size_t head_bytes;
    std::uint64_t body_bytes;
  };

  HttpParser(Kind kind, Limits limits, HttpSink& sink);  ///< `sink` must outlive the parser
  ~HttpParser();

  /// REQUIRES: the state is kMore. Bytes after the message's end are kept for rest().
  State feed(std::string_view bytes);
  /// The peer sent its last byte. kDone if that ends the message, else kTruncated or kMalformed.
  State finish();

  [[nodiscard]] std::string_view rest() const noexcept;      ///< what came after the end of the message
  [[nodiscard]] const std::string& reason() const noexcept;  ///< for people, after a failure

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
