#include "host/mock/mock_request.hpp"

#include "core/base/json.hpp"
#include "host/mock/mock_answer.hpp"
#include "host/mock/mock_script.hpp"

namespace leeward {
namespace {

constexpr std::int64_t kTokensOfOneMessage = 4;  // its role and the marks around it

std::optional<MockRejection> reject(const std::string& message, std::string_view param = {}) {
  return MockRejection{mock_error_json(message, "invalid_request_error", param)};
}

// The text of a message's content: a string, or the text parts of a list.
std::string text_of(const Json& content) {
  if (content.is_string()) return std::string{content.string()};
  std::string text;
  for (const Json part : content) {
    if (part["text"].is_string()) text += part["text"].string();
  }
  return text;
}

std::optional<MockRejection> read_messages(const Json& messages, MockRequest& request) {
  if (!messages.exists()) return reject("Missing required parameter: 'messages'.", "messages");
  if (!messages.is_array() || messages.size() == 0) return reject("'messages' must be a non-empty array.", "messages");
  bool from_user = false;
  std::size_t index = 0;
  for (const Json message : messages) {
    const std::string place = "messages[" + std::to_string(index++) + "]";
    if (!message["role"].is_string()) return reject("Every message needs a 'role'.", place);
    const Json content = message["content"];
    if (content.exists() && !content.is_string() && !content.is_array() && !content.is_null()) {
      return reject("A message's 'content' must be a string or an array of parts.", place);
    }
    const std::string text = text_of(content);
    request.input_tokens += kTokensOfOneMessage + mock_tokens(text);
    const bool user = message["role"].string() == "user";
    if (user || !from_user) request.prompt = text;
    from_user = from_user || user;
  }
  return std::nullopt;
}

std::optional<MockRejection> read_limits(const Json& root, MockRequest& request) {
  for (const char* name : {"max_tokens", "max_completion_tokens"}) {
    const Json limit = root[name];
    if (!limit.exists() || limit.is_null()) continue;
    if (!limit.is_integer() || limit.integer().value_or(0) < 1) {
      return reject(std::string{"'"} + name + "' must be an integer of at least 1.", name);
    }
    request.max_tokens = limit.integer();
  }
  if (const Json n = root["n"]; n.exists() && !n.is_null() && !(n.is_integer() && n.integer() == 1)) {
    return reject("This server gives one choice: 'n' must be 1.", "n");
  }
  const Json temperature = root["temperature"];
  if (temperature.exists() && !temperature.is_null() &&
      (!temperature.is_number() || temperature.number() < 0 || temperature.number() > 2)) {
    return reject("'temperature' must be a number from 0 to 2.", "temperature");
  }
  return std::nullopt;
}

}  // namespace

std::optional<MockRejection> read_mock_request(std::string_view body, MockRequest& request) {
  const auto document = JsonDocument::parse(std::string{body}, "request");
  if (!document) {
    return reject("We could not parse the JSON body of your request: " + document.error().message + " (line " +
                  std::to_string(document.error().where.line) + ", column " +
                  std::to_string(document.error().where.column) + ")");
  }
  const Json root = (*document)->root();
  if (!root.is_object()) return reject("The body of your request must be a JSON object.");
  if (!root["model"].is_string()) return reject("you must provide a model parameter", "model");
  request.model = root["model"].string();
  if (auto wrong = read_messages(root["messages"], request)) return wrong;
  if (auto wrong = read_limits(root, request)) return wrong;

  const Json stream = root["stream"];
  if (stream.exists() && !stream.is_boolean() && !stream.is_null())
    return reject("'stream' must be a boolean.", "stream");
  request.stream = stream.is_boolean() && stream.boolean();
  const Json options = root["stream_options"];
  if (options.exists() && !options.is_null() && !request.stream) {
    return reject("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
  request.include_usage = options["include_usage"].is_boolean() && options["include_usage"].boolean();
  const Json format = root["response_format"]["type"];
  request.wants_json = format.is_string() && format.string() != "text";
  return std::nullopt;
}

}  // namespace leeward
