#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace leeward {

/// What a JSON parser had read when it met text that fits nowhere.
struct JsonContext {
  enum class After { nothing, object_begin, array_begin, key, value };
  After after = After::nothing;
  char container = 0;      ///< '{' or '[' if the fault is inside one
  std::size_t cursor = 0;  ///< just behind the last token that was good
};

struct JsonFault {
  std::size_t offset = 0;
  std::string code;
  std::string message;
  bool at_end = false;  ///< the text ended too early
};

/// Says in words what is wrong with a text that the parser refused. Private to core/base/json_*.cpp. The parser's
/// library knows that a text is wrong, but its messages speak of tokens and last reads; this reads the place again.
[[nodiscard]] JsonFault diagnose_json(std::string_view text, const JsonContext& context);

}  // namespace leeward
