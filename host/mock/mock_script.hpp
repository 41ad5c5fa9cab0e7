#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace leeward {

/// How one request is answered. The defaults are an unscripted answer: made from the prompt, at once, whole.
struct MockReply {
  enum class End : std::uint8_t { whole, cut, close, reset, hang };

  std::int64_t latency_ms = 0;       ///< before the first byte
  std::int64_t first_token_ms = 0;   ///< streaming: between the headers and the first text
  std::int64_t chunk_delay_ms = 0;   ///< streaming: between two pieces of text
  std::size_t chunk_characters = 4;  ///< streaming: characters of text in a chunk
  std::size_t write_bytes = 0;       ///< streaming: bytes of one write, wherever it cuts; 0: an event each
  std::optional<std::string> text;   ///< absent: made from the prompt
  std::optional<std::string> refusal;
  std::optional<std::string> finish_reason;  ///< absent: "stop", or "length"; "": none is sent
  std::optional<std::int64_t> input_tokens;  ///< absent: counted
  std::optional<std::int64_t> output_tokens;
  bool tells_usage = true;
  bool sends_done = true;  ///< streaming: `data: [DONE]`
  int status = 200;
  std::string error_json;               ///< for a status other than 200: the error object, whole
  std::string stream_error_json;        ///< an error inside a 200 stream, after the text or where it stops
  std::optional<std::string> raw_body;  ///< sent as it is, with `content_type`
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::size_t> stop_after_chunks;  ///< of text
  std::optional<std::size_t> stop_after_bytes;   ///< of the body
  End end = End::whole;  ///< what happens where the answer stops, or at once if it stops nowhere
};

/// The script of a mock server: rules, tried from the top; the first that fits a request answers it. README.md beside
/// this file describes its JSON. Not thread-safe: it counts. Owned by the server.
class MockScript {
 public:
  /// Every mistake with its position and the nearest guess. Empty text: no rules.
  [[nodiscard]] static Result<MockScript> parse(std::string text, const std::string& name, Errors& errors);

  struct Match {
    MockReply reply;
    std::optional<std::size_t> rule;  ///< its place in the script; nothing: unscripted
  };
  [[nodiscard]] Match next(std::string_view model, std::string_view prompt, bool stream);

  [[nodiscard]] const std::string& api_key() const noexcept { return api_key_; }
  /// Served models; empty: any name is.
  [[nodiscard]] const std::vector<std::string>& models() const noexcept { return models_; }

 private:
  struct Rule {
    std::string model;     ///< empty: any
    std::string contains;  ///< in the prompt; empty: any
    std::optional<bool> stream;
    std::vector<std::int64_t> calls;    ///< of those that fit, counted from 1; empty: all
    std::optional<std::int64_t> times;  ///< answers at most
    MockReply reply;
    std::int64_t seen = 0;
    std::int64_t answered = 0;
  };
  [[nodiscard]] static Rule read_rule(const Json& json, const MockReply& defaults);
  static bool fits(Rule& rule, std::string_view model, std::string_view prompt, bool stream);

  std::string api_key_;
  std::vector<std::string> models_;
  MockReply defaults_;
  std::vector<Rule> rules_;
};

/// OpenAI's error object. `param` and `code` empty: null.
[[nodiscard]] std::string mock_error_json(std::string_view message, std::string_view type, std::string_view param = {},
                                          std::string_view code = {});

}  // namespace leeward
