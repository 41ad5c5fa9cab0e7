#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <sys/types.h>

namespace leeward {

/// What /proc says of a process.
struct ProcessFacts {
  pid_t process = 0;
  pid_t parent = 0;
  char state = '?';  ///< 'T': stopped; 'Z': waits to be waited for
  std::uint64_t threads = 0;
  std::uint64_t started = 0;  ///< ticks since the machine's start

  /// Its first thread may have ended before the others: then it looks like one that waits to be waited for.
  [[nodiscard]] bool alive() const { return state != 'X' && (state != 'Z' || threads > 1); }
};

/// Nothing if there is no such process.
[[nodiscard]] std::optional<ProcessFacts> facts_of(pid_t process);

/// Everybody, each at a moment of its own: who begins or ends meanwhile may be missing. Empty without /proc.
[[nodiscard]] std::vector<ProcessFacts> all_processes();

/// How many threads there are on the machine, or in the container if that is all that is to be seen; 0 without /proc.
[[nodiscard]] std::uint64_t threads_of_all();

}  // namespace leeward
