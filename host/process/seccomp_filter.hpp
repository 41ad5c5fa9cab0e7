#pragma once

#include <vector>

#include <sys/types.h>

#include "host/process/sandbox.hpp"

namespace leeward {

/// What the filter has to know of the process that it is for.
struct FilterScope {
  std::vector<pid_t> guarded;          ///< our host and whoever stands between: no signal, no handle, no limit
  bool kernel_guards_signals = false;  ///< landlock lets none out, so those to children of its own may pass
};

/// The part of confine() that is about system calls. What the kernel lacks is added to `gaps`. REQUIRES: no new
/// privileges are possible. Code sandbox.failed.
[[nodiscard]] Status restrict_system_calls(const SandboxLimits& limits, const FilterScope& scope, SandboxGaps& gaps);
/// What it would add.
void add_seccomp_gaps(SandboxGaps& gaps);

}  // namespace leeward
