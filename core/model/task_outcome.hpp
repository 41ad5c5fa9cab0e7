#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/value.hpp"
#include "core/model/input_request.hpp"

namespace leeward {

/// How an attempt ended. A failed task is data, not an error of ours.
enum class OutcomeKind : std::uint8_t {
  success,
  skipped,
  retry,           ///< failed; may be tried again, which uses up a retry
  failed,          ///< failed for good
  reschedule,      ///< not ready: again after `retry_after`, no retry used up
  deferred,        ///< goes on without a thread; the end is still to come
  awaiting_input,  ///< asks a person, with `input`; called again with the answer
  canceled,        ///< stopped because the run asked
  timed_out,       ///< stopped by its execution_timeout; retryable
};

/// What the report shows as a task's `error`.
struct TaskError {
  std::string code;  ///< "llm.rate_limited"
  std::string message;
  bool retryable = false;
  int http_status = 0;  ///< 0: none
  std::string details;  ///< a JSON object, or empty
};

/// One request that went out to a model, answered or not.
struct ModelCall {
  std::string provider;
  std::string model;           ///< as asked for
  std::string response_model;  ///< as the answer names it, or empty
  std::string error;           ///< empty: this call gave the answer
  int http_status = 0;
  std::int64_t input_tokens = -1;  ///< -1: not told
  std::int64_t output_tokens = -1;
  std::int64_t duration_ms = 0;
};

/// Which downstream tasks a task that succeeded has skipped (Airflow's short circuit); teardowns never are.
enum class SkipDownstream : std::uint8_t {
  none,
  direct,  ///< the direct ones; the rest is left to trigger rules
  all,     ///< whatever it leads to, whatever their trigger rules
};

struct TaskOutcome {
  OutcomeKind kind = OutcomeKind::success;
  Value value;                                     ///< the result, for success
  std::optional<TaskError> error;                  ///< for everything but success
  std::optional<std::vector<std::string>> branch;  ///< the downstream task ids that go on, if the task chose
  SkipDownstream skip_downstream = SkipDownstream::none;
  std::shared_ptr<const InputRequest> input;  ///< for awaiting_input
  std::optional<Duration> retry_after;        ///< overrides the retry policy's delay
  std::vector<ModelCall> model_calls;

  [[nodiscard]] static TaskOutcome succeeded(Value value);
  [[nodiscard]] static TaskOutcome failed(std::string code, std::string message);  ///< for good
  [[nodiscard]] static TaskOutcome retryable(std::string code, std::string message);
};

}  // namespace leeward
