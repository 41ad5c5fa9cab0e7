#pragma once

#include "host/process/sandbox.hpp"

namespace leeward {

/// The part of confine() that is about files, and about signals and abstract sockets of processes outside. What the
/// kernel lacks is added to `gaps`. REQUIRES: no new privileges are possible; one thread. Code sandbox.failed.
[[nodiscard]] Status restrict_files(const SandboxLimits& limits, SandboxGaps& gaps);
/// What it would add.
void add_landlock_gaps(SandboxGaps& gaps);

/// True if restrict_files() also keeps signals in.
[[nodiscard]] bool landlock_guards_signals();

}  // namespace leeward
