#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// How an attempt ended as one JSON object: for stores, and for other processes. Members that say nothing are left out;
/// what is written reads back the same. People read it too, so words are words.
[[nodiscard]] std::string encode_outcome(const TaskOutcome& outcome);

/// Code outcome.invalid: it is no such object.
[[nodiscard]] Result<TaskOutcome> decode_outcome(const Value& json);

}  // namespace leeward
