#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace bash_plugin {

/// All processes that a command has started: those of its session, and those that left it (`setsid`, a daemon) but
/// carry its mark in the environment that they were started with. Out of reach is who left the session and cleaned the
/// environment, or became another user.
struct Family {
  pid_t leader = -1;  ///< of the session. REQUIRES: not reaped yet, so that its number still belongs to it
  std::string mark;   ///< occurs in the environment of nobody else
};

/// Adds the mark to an environment, behind the marks of commands that this one is a part of; what was added.
[[nodiscard]] std::string add_new_mark(std::vector<std::string>& environment);

/// Sends a signal to every process of the family: children, theirs, and so on, also those that made a process group
/// (`set -m`) or a session of their own.
void signal_family(const Family& family, int signal);

/// Whether a process of the family, the leader left out, is still alive (a zombie is not).
[[nodiscard]] bool has_followers(const Family& family);

}  // namespace bash_plugin
