#include "host/plugin/outcome_check.hpp"

#include <algorithm>
#include <utility>

#include "core/base/json.hpp"

namespace leeward {

TaskError silent_error(OutcomeKind kind, const OperatorInfo& info) {
  const std::string who = "operator \"" + info.name + "\"";
  switch (kind) {
    case OutcomeKind::skipped: return {"task.skipped", who + " skipped it", false, 0, {}};
    case OutcomeKind::reschedule: return {"task.rescheduled", who + " is not ready", false, 0, {}};
    case OutcomeKind::awaiting_input: return {"task.awaiting_input", who + " has asked somebody", false, 0, {}};
    case OutcomeKind::canceled: return {"task.canceled", "stopped because the run asked", false, 0, {}};
    case OutcomeKind::retry: return {"task.failed", who + " failed and gave no reason", true, 0, {}};
    default: return {"task.failed", who + " failed for good and gave no reason", false, 0, {}};
  }
}

std::optional<std::string> schema_fault(const OperatorInfo& info, const Value& result) {
  if (!info.output_schema) return std::nullopt;
  Errors errors;
  info.output_schema->validate(JsonDocument::of(result)->root(), errors);
  if (errors.empty()) return std::nullopt;
  const Error& first = errors.front();
  const std::string where = first.where.pointer.empty() ? "" : first.where.pointer + ": ";
  const std::string more = errors.size() == 1 ? "" : " (and " + std::to_string(errors.size() - 1) + " more)";
  return "the result of operator \"" + info.name + "\" does not fit its own output_schema: " + where + first.message +
         more;
}

Duration kept_retry_after(Duration asked) {
  return std::clamp<Duration>(asked, Duration::zero(), std::chrono::hours{24 * 365});
}

namespace {

TaskOutcome checked_success(const OperatorInfo& info, TaskOutcome said) {
  if (info.traits.branches && !said.branch)
    return TaskOutcome::failed("branch.nothing_chosen", "operator \"" + info.name + "\" chose no branch");
  if (auto fault = schema_fault(info, said.value)) return TaskOutcome::failed("plugin.bad_result", *std::move(fault));
  said.error.reset();
  said.retry_after.reset();
  return said;
}

}  // namespace

TaskOutcome checked_outcome(const OperatorInfo& info, TaskOutcome said, int depth) {
  std::vector<ModelCall> model_calls = std::move(said.model_calls);
  TaskOutcome outcome;
  if (said.kind == OutcomeKind::success) {
    if (depth > 0) said.skip_downstream = SkipDownstream::none;  // an operator that another one called skips no tasks
    outcome = checked_success(info, std::move(said));
  } else {
    outcome.kind = said.kind;
    const bool asks = said.kind == OutcomeKind::awaiting_input;
    const bool no_end = said.kind == OutcomeKind::deferred || said.kind == OutcomeKind::timed_out;
    if (no_end || (asks && (!said.input || depth > 0))) outcome.kind = OutcomeKind::failed;
    if (outcome.kind == OutcomeKind::awaiting_input) outcome.input = std::move(said.input);
    outcome.error = said.error ? std::move(said.error) : silent_error(outcome.kind, info);
    outcome.error->retryable = outcome.kind == OutcomeKind::retry;
    if (said.retry_after) outcome.retry_after = kept_retry_after(*said.retry_after);
  }
  outcome.model_calls = std::move(model_calls);
  return outcome;
}

}  // namespace leeward
