#pragma once

#include <span>
#include <string>
#include <string_view>

namespace leeward {

/// The candidate that `word` is most likely a slip of the finger for, the first of equals; empty if none is near
/// enough. One slip (a character too many, too few, another one, or two swapped) in three characters is near; case
/// alone always is.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "; did you mean \"x\"?", to be put behind a message; empty if no candidate is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace leeward
