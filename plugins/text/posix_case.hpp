#pragma once

#include <string>
#include <string_view>

namespace text_plugin {

/// Every letter in its large or small form, letter by letter ("ß" stays). Knows all scripts where the system has the
/// locale C.UTF-8, else the letters of ASCII. Any thread.
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);

}  // namespace text_plugin
