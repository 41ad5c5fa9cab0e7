#include "chat_answer.hpp"

namespace llm {
namespace {

std::int64_t count(const Json& usage, const char* name, const char* other_name) {
  for (const char* key : {name, other_name}) {
    const Json* number = member(usage, key);
    if (number == nullptr || !number->is_number_integer()) continue;
    if (number->is_number_unsigned() && number->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) continue;
    return number->get<std::int64_t>();
  }
  return -1;
}

// nullopt: neither text, nor null, nor a list of parts.
std::optional<std::string> content_of(const Json& content) {
  if (content.is_null()) return std::string{};
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) return std::nullopt;
  std::string text;
  for (const Json& part : content) {
    if (text_member(part, "type") == "text") text += text_member(part, "text");
  }
  return text;
}

}  // namespace

std::int64_t ChatAnswer::input_tokens() const { return count(usage, "prompt_tokens", "input_tokens"); }
std::int64_t ChatAnswer::output_tokens() const { return count(usage, "completion_tokens", "output_tokens"); }

std::optional<std::string> take_message(const Json& message, ChatAnswer& answer) {
  answer.refusal += text_member(message, "refusal");
  answer.reasoning += text_member(message, "reasoning_content");
  for (const char* name : {"tool_calls", "function_call"}) {
    const Json* calls = member(message, name);
    if (calls != nullptr && !calls->is_null() && !calls->empty()) answer.wants_tools = true;
  }
  const Json* content = member(message, "content");
  if (content == nullptr) return std::string{};
  std::optional<std::string> text = content_of(*content);
  if (!text) return std::nullopt;
  if (!content->is_null()) answer.has_text = true;
  answer.text += *text;
  return text;
}

void judge(ChatAnswer& answer, bool structured) {
  if (answer.error) return;
  const auto fail = [&](ErrorClass error_class, std::string message) {
    answer.error = ModelError{error_class, std::move(message), 200};
  };
  const bool cut = answer.finish_reason == "length";
  if (!answer.refusal.empty()) {
    fail(ErrorClass::refused, "the model refused: " + one_line(answer.refusal));
  } else if (answer.finish_reason == "content_filter") {
    fail(ErrorClass::content_filtered, "the provider's content filter stopped the answer");
  } else if (cut && (structured || answer.text.empty())) {
    fail(ErrorClass::output_truncated, structured
                                           ? "the answer was cut at max_tokens, so that its structure is not whole"
                                           : "max_tokens was used up before any text came");
  } else if (answer.wants_tools) {
    fail(ErrorClass::schema, "/choices/0/message/tool_calls: the model asked for a tool, and none was offered");
  } else if (!answer.has_text) {
    fail(ErrorClass::schema, "/choices/0/message/content: expected a string, found null");
  }
}

}  // namespace llm
