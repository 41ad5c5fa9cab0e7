#include "chat_stream.hpp"

namespace llm {

std::string ChatStream::take(const SseEvent& event) {
  if (failed() || done_) return {};
  any_event_ = true;
  if (event.data.rfind("[DONE]", 0) == 0) {
    done_ = true;
    return {};
  }
  const std::optional<Json> chunk = parse_json(event.data);
  if (!chunk || !chunk->is_object()) {
    if (event.type == "error") {
      answer_.error = classify_in_band(event.data);
    } else {
      fail_schema("an event is not a JSON object: " + one_line(shorten(event.data, 200)));
    }
    return {};
  }
  const Json* error = member(*chunk, "error");
  if (event.type == "error" || (error != nullptr && !error->is_null())) {
    answer_.error = classify_in_band(event.data);
    return {};
  }
  if (answer_.model.empty()) answer_.model = text_member(*chunk, "model");
  if (const Json* usage = member(*chunk, "usage"); usage != nullptr && usage->is_object()) answer_.usage = *usage;

  const Json* choices = member(*chunk, "choices");
  if (choices == nullptr) return {};  // a kind of chunk that came after this was written
  if (!choices->is_array()) {
    fail_schema("/choices: expected an array");
    return {};
  }
  std::string added;
  for (const Json& choice : *choices) {
    const Json* index = member(choice, "index");
    if (index == nullptr || !index->is_number_integer() || *index == 0) added += take_choice(choice);
  }
  return added;
}

std::string ChatStream::take_choice(const Json& choice) {
  if (const std::string reason = text_member(choice, "finish_reason"); !reason.empty()) answer_.finish_reason = reason;
  const Json* delta = member(choice, "delta");
  if (delta == nullptr) return {};
  std::optional<std::string> text = take_message(*delta, answer_);
  if (!text) fail_schema("/choices/0/delta/content: expected a string");
  return text.value_or(std::string{});
}

void ChatStream::fail_schema(const std::string& message) {
  answer_.error = ModelError{ErrorClass::schema, message, 200};
}

void ChatStream::fail_too_large() {
  if (!failed()) answer_.error = ModelError{ErrorClass::too_large, "a line of the stream is longer than 1 MiB", 200};
}

ChatAnswer ChatStream::finish() const {
  ChatAnswer answer = answer_;
  if (answer.error) return answer;
  if (!any_event_) {
    answer.error = ModelError{ErrorClass::schema, "the answer is no event stream: it held not one event", 200};
  } else if (!done_ && answer.finish_reason.empty()) {
    answer.error = ModelError{ErrorClass::truncated,
                              "the stream ended before the answer did: neither finish_reason nor [DONE]", 200};
  }
  return answer;
}

}  // namespace llm
