#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "error_class.hpp"

namespace llm {

/// One request that gave no answer.
struct Try {
  std::size_t model = 0;  ///< its place in the list
  std::string model_name;
  ModelError error;
  bool retryable = false;
  std::optional<std::int64_t> server_wait_ms;
  std::int64_t duration_ms = 0;
};

/// What an attempt has tried in vain, and what is to be said of it. Pure.
///
/// The error of a chain is its first model's: that is the one the author asked for, and its type does not change
/// because a fallback failed as well.
class TryLog {
 public:
  void add(Try tried) { tries_.push_back(std::move(tried)); }
  [[nodiscard]] bool empty() const noexcept { return tries_.empty(); }

  /// The last error of the first model. REQUIRES: !empty().
  [[nodiscard]] const Try& original() const;
  /// Could another attempt of the task succeed? Yes, if one model of the list failed in a way that passes.
  [[nodiscard]] bool worth_another_attempt() const;
  /// What the first model's server asked to wait, where another attempt helps and it asked; -1: nothing.
  [[nodiscard]] std::int64_t task_delay_ms() const;
  /// "gpt-4: Rate limit reached (HTTP 429); asked 3 times; then gpt-3.5-turbo: llm.unavailable (HTTP 503), asked once"
  [[nodiscard]] std::string message() const;
  /// {"tries": [{"model", "error", "message", "http_status", "duration_ms"}, ...]}
  [[nodiscard]] std::string details_json() const;

 private:
  [[nodiscard]] std::vector<const Try*> last_of_each_model() const;
  [[nodiscard]] std::size_t asked(std::size_t model) const;

  std::vector<Try> tries_;
};

}  // namespace llm
