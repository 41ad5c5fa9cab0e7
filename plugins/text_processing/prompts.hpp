#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace text_processing {

using Json = nlohmann::json;

/// The prompt for an operation, as a template over {text} and {operation}: from the author's table, else one of the
/// three built in (summarize, translate, analyze), else the author's "default". Nothing if none of them has one.
///
/// null in the author's table stands for the plain prompt, "处理文本:{text}": an operation that nobody described is
/// done only where the author asked for it.
[[nodiscard]] std::optional<std::string> prompt_for(const std::string& operation, const Json& author_table);

/// The operations that have a prompt, for a message: "summarize, translate, analyze, polish".
[[nodiscard]] std::string known_operations(const Json& author_table);

/// What is handed to the operator `llm`: the prompt, and those of `params` that are meant for it. Neither a temperature
/// nor a limit of length goes out unless the author gave one.
[[nodiscard]] std::string llm_params(std::string prompt, const Json& params);

}  // namespace text_processing
