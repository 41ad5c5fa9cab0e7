#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "error_class.hpp"
#include "json_text.hpp"

namespace llm {

/// What a model answered, streamed or not.
struct ChatAnswer {
  std::string text;
  bool has_text = false;  ///< false: content was null or absent, which is not the same as ""
  std::string refusal;
  std::string reasoning;      ///< of servers that tell it apart; never part of the text
  bool wants_tools = false;   ///< it asked for a tool, and this operator offers none
  std::string finish_reason;  ///< as sent; empty: none came
  std::string model;          ///< as the answer names it
  Json usage;                 ///< as sent; null: none came
  std::optional<ModelError> error;

  [[nodiscard]] std::int64_t input_tokens() const;   ///< -1: not told
  [[nodiscard]] std::int64_t output_tokens() const;  ///< -1: not told
};

/// The last look at an answer that arrived whole: refusals, filtered and cut answers, tool calls and missing text
/// become errors, each of its own class. `structured`: the request had a response_format, so that a cut answer is of no
/// use.
void judge(ChatAnswer& answer, bool structured);

/// Role "assistant" message or delta: content, refusal and reasoning are appended to `answer`. Returns the new text.
/// Content may be a string, null, or a list of parts of which the text ones count. nullopt: it is something else.
[[nodiscard]] std::optional<std::string> take_message(const Json& message, ChatAnswer& answer);

}  // namespace llm
