#include "host/plugin/secret_filter.hpp"

#include <algorithm>
#include <utility>

namespace leeward {
namespace {

constexpr std::string_view kRedacted = "[redacted]";
/// Shorter "keys" are placeholders such as "none": taking them out would only mangle texts.
constexpr std::size_t kShortestSecret = 8;

}  // namespace

SecretFilter::SecretFilter(std::string secret)
    : secret_(secret.size() < kShortestSecret ? std::string{} : std::move(secret)) {}

std::string SecretFilter::whole(std::string_view text) const {
  if (secret_.empty()) return std::string{text};
  std::string shown;
  for (std::size_t at = text.find(secret_); at != text.npos; at = text.find(secret_)) {
    shown.append(text.substr(0, at)).append(kRedacted);
    text.remove_prefix(at + secret_.size());
  }
  return shown.append(text);
}

/// How many bytes at the end of the text the secret could begin with.
std::size_t SecretFilter::possible_beginning(std::string_view text) const {
  const std::string_view secret = secret_;
  for (std::size_t n = std::min(text.size(), secret.size() - 1); n > 0; --n) {
    if (text.ends_with(secret.substr(0, n))) return n;
  }
  return 0;
}

std::string SecretFilter::piece(std::string_view piece) {
  if (secret_.empty()) return std::string{piece};
  kept_.append(piece);
  std::string shown;
  std::string_view left = kept_;
  for (std::size_t at = left.find(secret_); at != left.npos; at = left.find(secret_)) {
    shown.append(left.substr(0, at)).append(kRedacted);
    left.remove_prefix(at + secret_.size());
  }
  const std::size_t keep = possible_beginning(left);
  shown.append(left.substr(0, left.size() - keep));
  kept_.erase(0, kept_.size() - keep);
  return shown;
}

std::string SecretFilter::rest() { return std::exchange(kept_, {}); }

}  // namespace leeward
