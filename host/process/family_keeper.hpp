#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "host/process/seccomp_filter.hpp"

namespace leeward {

/// Splits this process in two. The caller goes on in the new one, the leader of a session of its own; the old one never
/// returns: it is the keeper of all that comes of the new one. It runs no stranger's code and holds no descriptor but
/// stderr.
///
/// Whoever loses its parent becomes the keeper's child, whatever it did to its session and its environment, so the
/// keeper misses nobody. It waits until the new process has ended, or until it is told to end by SIGTERM or by the
/// death of its own parent; ends everybody who is left; and then ends in the way that the new process did.
///
/// What may get away: who forks faster than /proc can be read, where the kernel does not limit the number of processes,
/// as for root. After 20 s of that the keeper gives up.
///
/// Whom the new process must not signal is added to `scope`. REQUIRES: this process has one thread. Code
/// sandbox.failed.
[[nodiscard]] Status leave_keeper_behind(FilterScope& scope, std::uint64_t most_threads);

}  // namespace leeward
