#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chat_answer.hpp"
#include "json_text.hpp"
#include "sse_parser.hpp"

namespace llm {

/// Puts a streamed chat completion together from its events, as servers really send them: chunks without choices, usage
/// anywhere, errors after the 200, repeated roles, other choices than the first, no [DONE].
///
/// Pure. What must stay true: an answer that neither a finish_reason nor [DONE] closed is never a success.
class ChatStream {
 public:
  /// Text that this event adds to the answer, often empty. Nothing after an error or [DONE].
  std::string take(const SseEvent& event);
  /// After the last event: the answer, or why there is none.
  [[nodiscard]] ChatAnswer finish() const;

  [[nodiscard]] bool failed() const noexcept { return answer_.error.has_value(); }
  /// The limit of the parser was passed.
  void fail_too_large();

 private:
  std::string take_choice(const Json& choice);
  void fail_schema(const std::string& message);

  ChatAnswer answer_;
  bool any_event_ = false;
  bool done_ = false;
};

}  // namespace llm
