/// Is a text JSON, or UTF-8? The harness asks it of all that an operator says.
#pragma once

#include <string_view>

#include <leeward/cpp/json_check.hpp>

namespace leeward::testing {

using sdk::is_json;
using sdk::is_utf8;

inline bool is_json_object(std::string_view text) {
  text = sdk::detail::trimmed(text);
  return !text.empty() && text.front() == '{' && is_json(text);
}

}  // namespace leeward::testing
