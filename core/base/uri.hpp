#pragma once

#include <string>
#include <string_view>

namespace leeward {

/// The reference resolved against the base, RFC 3986 section 5. Either may be empty or relative.
[[nodiscard]] std::string resolve_uri(std::string_view base, std::string_view reference);

/// True if `text` is an absolute URI: a scheme, then only characters that may stand in one.
[[nodiscard]] bool is_uri(std::string_view text);
/// The same without the need for a scheme.
[[nodiscard]] bool is_uri_reference(std::string_view text);

/// %XX undone; a % without two digits stays.
[[nodiscard]] std::string percent_decoded(std::string_view text);

}  // namespace leeward
