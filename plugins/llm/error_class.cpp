#include "error_class.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "json_text.hpp"

namespace llm {
namespace {

struct Trait {
  ErrorClass error_class;
  std::string_view name;
  bool retryable;
  bool may_fall_back;
};

constexpr std::array kTraits = {
    Trait{ErrorClass::rate_limited, "rate_limited", true, true},
    Trait{ErrorClass::overloaded, "overloaded", true, true},
    Trait{ErrorClass::unavailable, "unavailable", true, true},
    Trait{ErrorClass::server_error, "server_error", true, true},
    Trait{ErrorClass::timeout, "timeout", true, true},
    Trait{ErrorClass::connection, "connection", true, true},
    Trait{ErrorClass::truncated, "truncated", true, true},
    Trait{ErrorClass::quota_exhausted, "quota_exhausted", false, true},
    Trait{ErrorClass::bad_request, "bad_request", false, false},
    Trait{ErrorClass::unauthorized, "unauthorized", false, false},
    Trait{ErrorClass::forbidden, "forbidden", false, false},
    Trait{ErrorClass::not_found, "not_found", false, false},
    Trait{ErrorClass::context_length_exceeded, "context_length_exceeded", false, false},
    Trait{ErrorClass::content_filtered, "content_filtered", false, false},
    Trait{ErrorClass::refused, "refused", false, false},
    Trait{ErrorClass::output_truncated, "output_truncated", false, false},
    // Nonsense with a 200 is most often a wrong address or a server's habit, and was paid for: not asked twice.
    Trait{ErrorClass::schema, "schema", false, true},
    Trait{ErrorClass::too_large, "too_large", false, true},
    Trait{ErrorClass::redirected, "redirected", false, false},
    Trait{ErrorClass::not_recorded, "not_recorded", false, false},
    Trait{ErrorClass::cancelled, "cancelled", false, false},
};

const Trait& trait(ErrorClass error_class) {
  return *std::find_if(kTraits.begin(), kTraits.end(), [&](const Trait& t) { return t.error_class == error_class; });
}

ErrorClass class_of_status(int status) {
  switch (status) {
    case 401: return ErrorClass::unauthorized;
    case 402: return ErrorClass::quota_exhausted;
    case 403: return ErrorClass::forbidden;
    case 404: return ErrorClass::not_found;
    case 408: return ErrorClass::timeout;
    case 409: return ErrorClass::unavailable;
    case 429: return ErrorClass::rate_limited;
    case 503: return ErrorClass::unavailable;
    case 504: return ErrorClass::timeout;
    case 529: return ErrorClass::overloaded;
    default: break;
  }
  if (status >= 300 && status < 400) return ErrorClass::redirected;
  return status >= 400 && status < 500 ? ErrorClass::bad_request : ErrorClass::server_error;
}

bool is_any(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

// What the provider's own words say, where they say more than the status does.
std::optional<ErrorClass> class_of_words(std::string_view type, std::string_view code, std::string_view message) {
  for (const std::string_view word : {code, type}) {
    if (is_any(word, {"insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
                      "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
                      "enforced_spend_limit_reached", "billing_hard_limit_reached", "billing_error"})) {
      return ErrorClass::quota_exhausted;
    }
    if (is_any(word, {"context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded"})) {
      return ErrorClass::context_length_exceeded;
    }
    if (is_any(word, {"rate_limit_exceeded", "slow_down", "rate_limit_error"})) return ErrorClass::rate_limited;
    if (is_any(word, {"overloaded_error", "engine_overloaded"})) return ErrorClass::overloaded;
    if (is_any(word, {"content_filter", "content_policy_violation"})) return ErrorClass::content_filtered;
    if (is_any(word, {"unavailable_error"})) return ErrorClass::unavailable;
    if (is_any(word, {"invalid_api_key", "authentication_error"})) return ErrorClass::unauthorized;
    if (is_any(word, {"permission_error"})) return ErrorClass::forbidden;
    if (is_any(word, {"model_not_found", "not_found_error"})) return ErrorClass::not_found;
  }
  if (message.find("credit balance is too low") != std::string_view::npos) return ErrorClass::quota_exhausted;
  return std::nullopt;
}

struct Words {
  std::string type;
  std::string code;
  std::string message;
  int code_number = 0;
};

// {"error": {...}}, {"error": "text"}, {"type": "error", "error": {...}}, or the inner object without its wrapper.
Words words_of(const Json& body) {
  Words words;
  const Json* error = member(body, "error");
  if (error == nullptr || error->is_null()) error = &body;
  if (error->is_string()) words.message = error->get<std::string>();
  words.type = text_member(*error, "type");
  words.code = text_member(*error, "code");
  if (words.message.empty()) words.message = text_member(*error, "message");
  if (words.message.empty()) words.message = text_member(*error, "details");
  if (const Json* code = member(*error, "code"); code != nullptr && code->is_number_integer()) {
    const auto number = code->get<std::int64_t>();
    if (number >= 100 && number <= 599) words.code_number = static_cast<int>(number);
  }
  if (const Json* details = member(*error, "details"); details != nullptr && details->is_object()) {
    if (const std::string code = text_member(*details, "error_code"); !code.empty()) words.code = code;
  }
  return words;
}

ErrorClass class_of(int status, const Words& words) {
  // A key or a permission is judged by the status alone; elsewhere the provider's words are finer.
  if (status == 401 || status == 402 || status == 403) return class_of_status(status);
  return class_of_words(words.type, words.code, words.message).value_or(class_of_status(status));
}

std::string quoted(std::string_view body) {
  return body.empty() ? std::string{"the answer's body was empty"} : one_line(shorten(body, 200));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// How many bytes at the start of `text` look like a key ("sk-…", "Bearer …"), 0 if none: a provider that echoes one
// must not have it stored.
std::size_t key_length(std::string_view text, char before) {
  constexpr std::size_t kShortestKey = 8;
  if (is_word(before)) return 0;
  for (const std::string_view mark : {"sk-", "Bearer "}) {
    if (text.substr(0, mark.size()) != mark) continue;
    std::size_t end = mark.size();
    while (end < text.size() &&
           (is_word(text[end]) || std::string_view{"-_.*"}.find(text[end]) != std::string_view::npos))
      ++end;
    if (end >= mark.size() + kShortestKey) return end;
  }
  return 0;
}

}  // namespace

std::string type_name(ErrorClass error_class) { return "llm." + std::string{trait(error_class).name}; }
bool retryable(ErrorClass error_class) { return trait(error_class).retryable; }
bool may_fall_back(ErrorClass error_class) { return trait(error_class).may_fall_back; }

ModelError classify_answer(int status, std::string_view body) {
  ModelError error{class_of_status(status), {}, status};
  const std::optional<Json> json = parse_json(body);
  if (json) {
    const Words words = words_of(*json);
    error.error_class = class_of(status, words);
    error.message = one_line(words.message);
  }
  if (error.message.empty()) error.message = quoted(body);
  return error;
}

ModelError classify_in_band(std::string_view data) {
  const std::optional<Json> json = parse_json(data);
  if (!json) return {ErrorClass::server_error, quoted(data), 200};
  const Words words = words_of(*json);
  const int status = words.code_number != 0 ? words.code_number : words.type == "invalid_request_error" ? 400 : 500;
  ModelError error{class_of(status, words), one_line(words.message), 200};
  if (error.message.empty()) error.message = quoted(data);
  return error;
}

ModelError classify_transport(std::string_view http_error_type, std::string_view message) {
  ErrorClass error_class = ErrorClass::connection;
  if (http_error_type.substr(0, 12) == "http.timeout") error_class = ErrorClass::timeout;
  if (http_error_type == "http.truncated") error_class = ErrorClass::truncated;
  if (http_error_type == "http.too_large") error_class = ErrorClass::too_large;
  if (http_error_type == "http.not_recorded") error_class = ErrorClass::not_recorded;
  if (http_error_type == "http.cancelled") error_class = ErrorClass::cancelled;
  if (http_error_type == "http.invalid") error_class = ErrorClass::bad_request;
  return {error_class, std::string{http_error_type} + (message.empty() ? "" : ": ") + one_line(message), 0};
}

bool should_retry(ErrorClass error_class, std::string_view x_should_retry) {
  if (x_should_retry == "true") return true;
  if (x_should_retry == "false") return false;
  return retryable(error_class);
}

std::string one_line(std::string_view text) {
  constexpr std::size_t kMaxBytes = 500;
  std::string line;
  while (!text.empty()) {
    if (const std::size_t key = key_length(text, line.empty() ? ' ' : line.back()); key != 0) {
      line += "[redacted]";
      text.remove_prefix(key);
      continue;
    }
    line += static_cast<unsigned char>(text.front()) < 0x20 ? ' ' : text.front();
    text.remove_prefix(1);
  }
  return shorten(line, kMaxBytes);
}

}  // namespace llm
