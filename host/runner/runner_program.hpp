#pragma once

#include "host/process/unique_fd.hpp"

namespace leeward {

/// `leeward runner`: the process that holds one plugin's library and runs its attempts for the host that started it.
///
/// The same classes as in the host serve the plugin, over gateways that ask the host. The calling thread reads frames
/// and never runs a plugin's code, so that whatever a plugin's thread waits for arrives; one loop calls the plugin
/// back; operators run on threads that are made when there is work. `socket` leads to the host, `plugin` is a sealed
/// copy of the library. Returns the exit status, or ends the process at once: when the host is gone, so is everything
/// here.
[[nodiscard]] int run_runner(UniqueFd socket, UniqueFd plugin);

/// The descriptors that the host gives it.
constexpr int kRunnerSocket = 3;
constexpr int kRunnerPlugin = 4;

}  // namespace leeward
