#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/secret/secret_scan.hpp"

namespace leeward {

/// Finds what looks like a secret though nobody has registered it: keys of AWS (AKIA...), GitHub (ghp_..., gho_...,
/// ..., github_pat_...), OpenAI and its kin (sk-...), Slack (xoxb-...), Google (AIza...), JSON Web Tokens, and private
/// keys in PEM. Conservative: a word counts as a whole or not at all, with its exact length or enough of it to be no
/// name. Follows a text that comes in pieces, as SecretScan does. Used by one thread.
class SecretFormats {
 public:
  void take(std::string_view piece, std::vector<MaskedSpan>& found);
  void finish(std::vector<MaskedSpan>& found);
  [[nodiscard]] std::uint64_t decided() const noexcept;
  /// A private key that has begun goes on in the text that comes next: for those who see a text line by line.
  [[nodiscard]] bool inside_private_key() const noexcept { return place_ == Place::private_key; }
  void begin_inside_private_key() noexcept { place_ = Place::private_key; }

 private:
  enum class Place : std::uint8_t {
    between,      ///< words
    candidate,    ///< `word_` may still become one
    other_word,   ///< it will not
    too_long,     ///< it is one, and goes on
    private_key,  ///< between the BEGIN and the END of a PEM text
  };
  void begin_word(char c);
  void take(char c, std::vector<MaskedSpan>& found);
  void take_candidate(char c, std::vector<MaskedSpan>& found);
  void take_private_key(char c, std::vector<MaskedSpan>& found);

  Place place_ = Place::between;
  std::string word_;
  std::uint64_t begin_ = 0;  ///< of the word or the key
  std::uint64_t at_ = 0;
};

}  // namespace leeward
