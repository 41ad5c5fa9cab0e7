#include "chat_response.hpp"

#include <string>

namespace llm {
namespace {

ChatAnswer fail(ChatAnswer answer, std::string message) {
  answer.error = ModelError{ErrorClass::schema, std::move(message), 200};
  return answer;
}

std::string found(const Json* value) { return value == nullptr ? "nothing" : value->type_name(); }

}  // namespace

ChatAnswer read_chat_response(std::string_view body) {
  ChatAnswer answer;
  const std::optional<Json> json = parse_json(body);
  if (!json) return fail(std::move(answer), "the answer is not JSON: " + one_line(shorten(body, 200)));
  if (!json->is_object()) return fail(std::move(answer), "expected an object, found " + found(&*json));
  if (const Json* error = member(*json, "error"); error != nullptr && !error->is_null()) {
    answer.error = classify_in_band(body);
    return answer;
  }
  answer.model = text_member(*json, "model");
  if (const Json* usage = member(*json, "usage"); usage != nullptr && usage->is_object()) answer.usage = *usage;

  const Json* choices = member(*json, "choices");
  if (choices == nullptr || !choices->is_array()) {
    return fail(std::move(answer), "/choices: expected an array, found " + found(choices));
  }
  if (choices->empty()) return fail(std::move(answer), "/choices: the array is empty");
  const Json& choice = choices->front();
  const Json* message = member(choice, "message");
  if (message == nullptr || !message->is_object()) {
    return fail(std::move(answer), "/choices/0/message: expected an object, found " + found(message));
  }
  answer.finish_reason = text_member(choice, "finish_reason");
  if (!take_message(*message, answer)) {
    return fail(std::move(answer),
                "/choices/0/message/content: expected a string, found " + found(member(*message, "content")));
  }
  return answer;
}

}  // namespace llm
