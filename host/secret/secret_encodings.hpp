#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// The byte strings by which a secret is found in a text: as it is, and in base64 and hex. In base64 (both alphabets)
/// three bytes become four letters, so a secret inside a longer text looks different at each of three alignments; of
/// each the letters are given that depend on the secret alone, and once more with the end that it has as a text of its
/// own. What escapes single characters (URL, JSON) is undone by EscapeDecoder instead, since it can be mixed at will.
[[nodiscard]] std::vector<std::string> encodings_of(std::string_view secret);

}  // namespace leeward
