#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.hpp"

namespace leeward {

/// A regular expression of a user's: linear time whatever the pattern and text (std::regex overflows its stack on a
/// 200 kB text). RE2's syntax, UTF-8. Immutable, thread-safe, cheap to copy.
class Regex {
 public:
  /// Code regex.invalid.
  [[nodiscard]] static Result<Regex> compile(std::string_view pattern);
  /// True if the pattern matches anywhere in the text.
  [[nodiscard]] bool search(std::string_view text) const;

 private:
  struct Impl;
  explicit Regex(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace leeward
