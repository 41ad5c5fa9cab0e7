#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leeward {

/// Text of a stranger's (a model's answer, a program's output) made fit for a terminal: control characters, terminal
/// sequences and marks that turn the reading direction become visible escapes, what is not UTF-8 becomes U+FFFD, a line
/// break becomes "\n". One line comes out.
[[nodiscard]] std::string printable(std::string_view text);

/// Columns that printable text takes on a terminal: East Asian characters take two.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// The text in at most `columns`, with "…" where something was left off. REQUIRES: printable text.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

/// The end of the text in at most `columns`, with "…" in front where something was left off. REQUIRES: printable text.
[[nodiscard]] std::string end_of(std::string_view text, std::size_t columns);

/// The text and blanks up to `columns`, shortened if it is longer. REQUIRES: printable text.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);

}  // namespace leeward
