#pragma once

#include <string_view>

#include "chat_answer.hpp"

namespace llm {

/// The body of a 200 that was not streamed. What is not a chat completion becomes llm.schema with a pointer to the
/// place; an error object inside a 200 counts as the error it is. Pure; never throws.
[[nodiscard]] ChatAnswer read_chat_response(std::string_view body);

}  // namespace llm
