#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/model/operator_info.hpp"

namespace leeward {

/// Operators may call each other so deep, and no deeper.
constexpr int kMaxCallDepth = 8;

/// The parameters that one operator calls another with, as a value that satisfies the callee's schema. Code
/// call.invalid.
[[nodiscard]] Result<Value> callee_params(const OperatorInfo& callee, std::string_view json);

}  // namespace leeward
