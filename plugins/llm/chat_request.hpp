#pragma once

#include <string>
#include <string_view>

#include "settings.hpp"

namespace llm {

/// Does this model count its hidden reasoning into the limit of its answer? OpenAI's o-series and gpt-5 family do: they
/// refuse `max_tokens` and any temperature but their own.
[[nodiscard]] bool is_reasoning_model(std::string_view model);

/// The JSON body of a chat completion for one model of the list.
[[nodiscard]] std::string chat_request_body(const Settings& settings, const std::string& model);

}  // namespace llm
