#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace leeward {

/// A process that leads a session of its own, and all that came of it: its process group, its session, and whoever
/// carries its mark in the environment, which is inherited also by those that made a session of their own.
///
/// What is not found: a process that left the session without exec() and whose environment may not be read. Linux: the
/// kernel signals a group in one call; the others only /proc can list. Without /proc the group is all that is reached.
struct ProcessFamily {
  pid_t leader = -1;
  std::string mark;
};

/// Adds a mark of its own to an environment of "NAME=value", beside those of outer families; the mark.
[[nodiscard]] std::string add_new_mark(std::vector<std::string>& environment);

/// Sends a signal to the leader and to everybody else. REQUIRES: the leader was not waited for, so that its number is
/// still its own.
void signal_family(const ProcessFamily& family, int signal);

/// True while somebody besides the leader is alive. REQUIRES: as above.
[[nodiscard]] bool has_followers(const ProcessFamily& family);

}  // namespace leeward
