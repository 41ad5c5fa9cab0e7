#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llm {

/// Why a request to a model gave no answer. The class, not the status, decides whether to ask again and whether another
/// model may help: a 429 can mean "wait a moment" or "your money is gone".
enum class ErrorClass : std::uint8_t {
  rate_limited,
  overloaded,
  unavailable,
  server_error,
  timeout,
  connection,       ///< no answer: refused, reset, TLS, cut off
  truncated,        ///< the answer began and did not end
  quota_exhausted,  ///< no credit, a spending limit: waiting does not help
  bad_request,
  unauthorized,
  forbidden,
  not_found,
  context_length_exceeded,
  content_filtered,
  refused,           ///< the model itself said no
  output_truncated,  ///< the answer stopped at max_tokens where a part is of no use
  schema,            ///< an answer that is not what the protocol says
  too_large,
  redirected,    ///< never followed: a key must not leave its origin
  not_recorded,  ///< the host cannot keep track of what is paid for: nothing more is asked
  cancelled,
};

/// "llm.rate_limited": stable, for machines.
[[nodiscard]] std::string type_name(ErrorClass error_class);
/// May the same request to the same model work in a moment?
[[nodiscard]] bool retryable(ErrorClass error_class);
/// May another model answer what this one did not? Not where the request or the key is at fault: it would be at fault
/// there too, and the mistake would hide behind the fallback.
[[nodiscard]] bool may_fall_back(ErrorClass error_class);

struct ModelError {
  ErrorClass error_class = ErrorClass::server_error;
  std::string message;  ///< one line for people; may quote the provider, never a key
  int http_status = 0;  ///< 0: no answer
};

/// An answer with a status other than 2xx, whatever its body is: OpenAI's or Anthropic's error object, one without its
/// wrapper, HTML, nothing at all. Never throws.
[[nodiscard]] ModelError classify_answer(int status, std::string_view body);

/// An error inside a 200 answer: the data of an event that holds one. A number in `code` counts as a status.
[[nodiscard]] ModelError classify_in_band(std::string_view data);

/// No whole answer: the `type` of leeward.http/1's error.
[[nodiscard]] ModelError classify_transport(std::string_view http_error_type, std::string_view message);

/// The header x-should-retry decides, where a server sends it; else the class.
[[nodiscard]] bool should_retry(ErrorClass error_class, std::string_view x_should_retry);

/// `text` on one line, shortened, and with whatever looks like an API key blotted out.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace llm
