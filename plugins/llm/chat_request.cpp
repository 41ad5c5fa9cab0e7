#include "chat_request.hpp"

#include <cctype>

namespace llm {
namespace {

// OpenAI takes max_completion_tokens for every model; of the servers that copy its protocol most know max_tokens alone.
const char* limit_field(const Settings& settings, bool reasoning) {
  if (settings.token_limit_field == "max_tokens") return "max_tokens";
  if (settings.token_limit_field == "max_completion_tokens") return "max_completion_tokens";
  return reasoning ? "max_completion_tokens" : "max_tokens";
}

}  // namespace

bool is_reasoning_model(std::string_view model) {
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.size() >= 2 && model[0] == 'o' && std::isdigit(static_cast<unsigned char>(model[1])) != 0) return true;
  // gpt-5-chat-latest is the one of its family that does not reason.
  return model.substr(0, 5) == "gpt-5" && model.find("chat") == std::string_view::npos;
}

std::string chat_request_body(const Settings& settings, const std::string& model) {
  const bool reasoning = is_reasoning_model(model);
  Json body = settings.options;
  body["model"] = model;
  body["messages"] = settings.messages;
  // The defaults are the operator's, not the author's: where a model refuses them they stay at home.
  if (reasoning && !settings.temperature_given) body.erase("temperature");
  if (settings.max_tokens.is_number() && (settings.max_tokens_given || !reasoning)) {
    body[limit_field(settings, reasoning)] = settings.max_tokens;
  }
  if (settings.stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  return to_text(body);
}

}  // namespace llm
