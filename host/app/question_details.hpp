#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"

namespace leeward {

/// What a person has to see to decide, beside the question itself: its body and the fields to fill in with their
/// defaults. Lines fit for a terminal, and not too many; `runs waiting --json` has all of it.
[[nodiscard]] std::vector<std::string> question_details(std::string_view body, const Json& form);

}  // namespace leeward
