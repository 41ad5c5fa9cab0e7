#pragma once

#include <sys/types.h>

namespace bash_plugin {

/// Sends a signal to every process of a session: the children of a command, theirs, and so on, also those that made a
/// process group of their own (`set -m`). A process that left the session (`setsid`) is out of reach.
///
/// REQUIRES: the leader of the session was not reaped yet, so that its number still belongs to it.
void signal_session(pid_t leader, int signal);

/// Whether a process of the session, the leader left out, is still alive (a zombie is not).
[[nodiscard]] bool session_has_followers(pid_t leader);

}  // namespace bash_plugin
