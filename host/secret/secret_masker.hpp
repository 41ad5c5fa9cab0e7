#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "host/secret/pattern_automaton.hpp"

namespace leeward {

/// What stands in a text in place of a secret.
inline constexpr std::string_view kMask = "***";

/// Whether to look also for what has only the form of a secret (SecretFormats): in what people read, such as logs and
/// errors. Never in values: a task's result is data, and a false alarm would change it.
enum class Formats : bool { no, yes };

/// Takes a set of secrets out of texts, as they are and encoded: base64 in both alphabets and at any alignment, hex,
/// and escaped as in URLs, forms and JSON, also one in the other. Linear in the text; without secrets it looks at
/// nothing. Immutable, thread-safe.
///
/// What it cannot see: a secret that somebody has cut short, encrypted, or spelled with something between its letters.
class SecretMasker {
 public:
  /// A shorter one would be found in texts that have nothing to do with it.
  static constexpr std::size_t kShortestSecret = 8;
  static constexpr std::size_t kLongestSecret = 65536;

  SecretMasker() : SecretMasker(std::vector<std::string>{}) {}
  /// REQUIRES: check() let each of them pass.
  explicit SecretMasker(const std::vector<std::string>& secrets);

  /// Codes secret.too_short, secret.too_long, secret.not_text. The message says nothing of its contents.
  [[nodiscard]] static Status check(std::string_view secret);

  [[nodiscard]] bool empty() const noexcept { return patterns_->empty(); }
  /// For a SecretStream.
  [[nodiscard]] const std::shared_ptr<const PatternAutomaton>& patterns() const noexcept { return patterns_; }

  /// A whole text. True if there was something. `inside_key`: for who shows a text line by line, whether the line
  /// before has left a private key open, and now whether this one has.
  bool mask(std::string& text, Formats formats, bool* inside_key = nullptr) const;
  /// The JSON text with its strings and numbers masked, still JSON; nothing if there is nothing to mask. A secret that
  /// reaches over several values takes the whole text along.
  [[nodiscard]] std::optional<std::string> masked_json(std::string_view json, Formats formats) const;
  /// A whole text that may be JSON, and then stays it.
  void mask_any(std::string& text) const;

 private:
  [[nodiscard]] bool finds(std::string_view text, Formats formats) const;
  bool mask_inside_json_string(std::string& inside, Formats formats) const;

  std::shared_ptr<const PatternAutomaton> patterns_;
};

}  // namespace leeward
