#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

/// What a stranger's server sent, read as JSON without trusting it: the plugin's one way into nlohmann_json's parser.
namespace llm {

using Json = nlohmann::json;

/// Nothing if `text` is not JSON, or nests deeper than any honest answer does.
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

/// `text` as JSON; what is not UTF-8 becomes U+FFFD, so that it never throws.
[[nodiscard]] std::string to_text(const Json& value);

/// The member, or nullptr if `value` is no object or has no such member.
[[nodiscard]] const Json* member(const Json& value, const char* name);
/// The member's text, or "" if there is none.
[[nodiscard]] std::string text_member(const Json& value, const char* name);

/// At most `max_bytes` of `text`, never half a character, and an ellipsis where something was left out.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t max_bytes);

}  // namespace llm
