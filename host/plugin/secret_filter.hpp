#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// Takes a connection's key out of what a server sends back, so that no plugin, log or report sees it: some servers
/// repeat the key in their refusal. One for each request; used by one thread at a time.
class SecretFilter {
 public:
  /// Without a secret, or with one that is only a placeholder such as "none", everything passes as it is.
  explicit SecretFilter(std::string secret);

  /// A whole text.
  [[nodiscard]] std::string whole(std::string_view text) const;
  /// The next piece of a stream. Bytes that may be the beginning of the secret are kept for the next one; usually none
  /// are.
  [[nodiscard]] std::string piece(std::string_view piece);
  /// What was kept, at the end of the stream.
  [[nodiscard]] std::string rest();

 private:
  [[nodiscard]] std::size_t possible_beginning(std::string_view text) const;

  const std::string secret_;
  std::string kept_;
};

}  // namespace leeward
