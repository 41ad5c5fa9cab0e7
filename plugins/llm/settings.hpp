#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "json_text.hpp"

namespace llm {

/// The parameters of one attempt, with the connection's and the operator's defaults filled in.
struct Settings {
  std::vector<std::string> models;  ///< in the order they are asked; never empty
  Json messages;                    ///< as they go out
  Json options;                     ///< temperature, top_p, stop, seed, response_format: those that go out as they are
  Json max_tokens;                  ///< a number, or null: the server's own limit
  bool temperature_given = false;
  bool max_tokens_given = false;
  std::string token_limit_field;  ///< "max_tokens", "max_completion_tokens", or "auto"
  bool stream = false;
  std::string connection;
  std::string provider;  ///< the connection's type
  int max_retries = 2;
  std::int64_t timeout_ms = 600'000;
  std::int64_t first_token_timeout_ms = 0;
  std::int64_t idle_timeout_ms = 0;
  std::int64_t retry_after_cap_ms = 120'000;
};

constexpr const char* kDefaultConnection = "llm_default";

/// `params` satisfies the operator's schema; `connection` is what lw_task_api.connection gave, without secrets. Else
/// what is wrong, as a sentence.
[[nodiscard]] std::variant<Settings, std::string> read_settings(const Json& params, const Json& connection);

}  // namespace llm
