#include <fcntl.h>

#include "host/cli/verb.hpp"
#include "host/runner/runner_program.hpp"

namespace leeward {

int command_runner(const Invocation& invocation) {
  const bool started_by_us = ::fcntl(kRunnerSocket, F_GETFD) >= 0 && ::fcntl(kRunnerPlugin, F_GETFD) >= 0;
  if (!invocation.arguments.files.empty() || !started_by_us)
    return bad_usage(invocation, "leeward starts this itself, for plugins that run in a process of their own");
  return run_runner(UniqueFd{kRunnerSocket}, UniqueFd{kRunnerPlugin});
}

}  // namespace leeward
