#pragma once

#include <string>

namespace leeward {

/// A word as a shell takes it, for commands that are shown: in single quotes if it has to be.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace leeward
