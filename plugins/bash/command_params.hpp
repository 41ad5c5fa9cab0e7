#pragma once

#include <string>

#include <leeward/cpp/task.hpp>

#include "posix_process.hpp"

namespace bash_plugin {

/// The command that a task's parameters describe, started in `directory`. Values reach it as environment and arguments
/// alone, so they stay data whatever they contain. Throws Error if a value cannot be passed to a program.
[[nodiscard]] Command command_of(leeward::sdk::Task task, std::string directory);

}  // namespace bash_plugin
