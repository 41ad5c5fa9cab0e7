#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_diagnose.hpp"
#include "core/base/json_document.hpp"

namespace leeward {

/// Builds a document's nodes from a parser's events. Private to core/base/json_*.cpp; lives for one parse.
///
/// The parser says what comes but not where. Each event is exactly one token, so a cursor walks over the text in step:
/// skip blanks, commas and colons, and there the token begins. What the parser lets pass and we do not (duplicate keys,
/// depth, lengths, rounded integers) is found here.
class JsonBuilder {
 public:
  JsonBuilder(JsonDocument::Impl& document, const JsonLimits& limits, bool stop_at_first)
      : document_(document), limits_(limits), stop_at_first_(stop_at_first) {}

  /// Looks at what must be right before the first token.
  bool admit();

  // The events. Each returns false to stop.
  bool scalar(JsonKind kind, std::size_t length);
  bool integer();
  bool real();
  bool string(bool is_key);
  bool open(JsonKind kind);
  bool close();
  /// The parser met text that fits nowhere.
  void syntax_error();
  /// The parser met a number that rounds to infinity and goes no further. True if it is worth another try with
  /// json_without_overflows(): then everything is as before the first token.
  bool overflow();
  /// The parser is content. True if it really was the whole text.
  bool finish();

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  /// In the order of the text.
  [[nodiscard]] Errors take_errors();

 private:
  struct Found {
    std::size_t offset;
    Error error;
  };

  [[nodiscard]] bool skipping() const noexcept { return !too_deep_.empty(); }
  std::size_t token_begin() noexcept;
  std::uint32_t add(JsonKind kind, std::size_t begin, std::size_t end);
  bool mistake(std::size_t offset, std::string code, std::string message, std::uint32_t node);
  bool number_mistake(std::size_t begin, std::size_t end, std::uint32_t node);
  void duplicate(std::uint32_t key, std::uint32_t earlier);
  void start_over();

  /// More help nobody, and each costs memory.
  static constexpr std::size_t kMostMistakes = 10'000;

  JsonDocument::Impl& document_;
  const JsonLimits& limits_;
  const bool stop_at_first_;
  std::size_t cursor_ = 0;
  JsonContext::After after_ = JsonContext::After::nothing;
  std::vector<std::uint32_t> open_;
  std::vector<bool> too_deep_;  ///< containers open below the deepest one that is kept: is it an object?
  bool stopped_ = false;
  std::vector<Found> found_;
};

/// Node numbers and offsets are 32 bits wide.
inline constexpr std::size_t kMostJsonBytes = 512u << 20;

}  // namespace leeward
