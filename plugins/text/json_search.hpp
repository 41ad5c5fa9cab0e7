#pragma once

#include <optional>
#include <string_view>
#include <vector>

/// Finding values in JSON text, and JSON text in prose. All functions are pure; what they return is borrowed from the
/// input.
namespace text_plugin {

/// What may be the JSON in a model's answer: all of it or, when it is wrapped in words or a code fence, the pieces
/// between matching brackets, the longest first. Whether a piece really is JSON is left to the caller.
[[nodiscard]] std::vector<std::string_view> json_candidates(std::string_view text);

/// The value at a path like `articles[0].title`, as in a template: a name, then `.name` or `[index]` or `[name]`. An
/// empty path is the value itself. Nothing if the value has no such place. Throws Error on a path that is none.
[[nodiscard]] std::optional<std::string_view> value_at(std::string_view json, std::string_view path);

}  // namespace text_plugin
