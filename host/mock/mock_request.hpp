#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace leeward {

/// What the mock reads of a chat completion request. The rest is accepted and passed over, as OpenAI's server does.
struct MockRequest {
  std::string model;
  std::string prompt;  ///< the text of the last user message, else of the last message
  std::int64_t input_tokens = 0;
  std::optional<std::int64_t> max_tokens;
  bool stream = false;
  bool include_usage = false;
  bool wants_json = false;      ///< response_format json_object or json_schema
  std::string idempotency_key;  ///< the header's; whoever reads the body leaves it alone
};

/// The request, or the error body of a 400: what is wrong, in `param` where.
struct MockRejection {
  std::string error_json;
};
[[nodiscard]] std::optional<MockRejection> read_mock_request(std::string_view body, MockRequest& request);

}  // namespace leeward
