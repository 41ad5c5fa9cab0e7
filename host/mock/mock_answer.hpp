#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// What the mock answers where no rule says: an extract of the prompt's material, so that a pipeline's output can be
/// read and followed. The instruction in front ("Summarise: ...", "总结以下文章: ...", or a first line) is left out,
/// the rest is shortened at the end of a sentence. The same prompt always gives the same answer. Never empty.
[[nodiscard]] std::string mock_answer(std::string_view prompt);

/// Tokens as the mock counts them: four ASCII characters, or one character of any other script. Real tokenizers differ;
/// this one is repeatable by hand.
[[nodiscard]] std::int64_t mock_tokens(std::string_view text);

/// The longest beginning of `text` that is at most `tokens` tokens long.
[[nodiscard]] std::string_view mock_cut(std::string_view text, std::int64_t tokens);

/// `text` in pieces of so many characters. REQUIRES: characters > 0.
[[nodiscard]] std::vector<std::string> mock_chunks(std::string_view text, std::size_t characters);

}  // namespace leeward
