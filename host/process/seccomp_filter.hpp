#pragma once

#include "host/process/sandbox.hpp"

namespace leeward {

/// The part of confine() that is about system calls. What the kernel lacks is added to `gaps`. REQUIRES: no new
/// privileges are possible. Code sandbox.failed.
[[nodiscard]] Status restrict_system_calls(const SandboxLimits& limits, SandboxGaps& gaps);

}  // namespace leeward
