#pragma once

#include <optional>
#include <string>

#include "core/model/operator_info.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// Why a result is not what the operator's own output_schema promises; nothing if it is. REQUIRES: the value is JSON.
[[nodiscard]] std::optional<std::string> schema_fault(const OperatorInfo& info, const Value& result);

/// What the report says when an operator ends without success and without a word.
[[nodiscard]] TaskError silent_error(OutcomeKind kind, const OperatorInfo& info);

/// What a task may say when it is to be tried again, kept within reason.
[[nodiscard]] Duration kept_retry_after(Duration asked);

/// What an operator in another process says its attempt came to, made to keep the same rules as one in this process:
/// a success fits its operator's promises, everything else has an error. REQUIRES: the value is JSON.
[[nodiscard]] TaskOutcome checked_outcome(const OperatorInfo& info, TaskOutcome said, int depth);

}  // namespace leeward
