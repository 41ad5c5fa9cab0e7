#pragma once

#include <chrono>
#include <string_view>

#include "posix_process.hpp"

namespace bash_plugin {

/// Hears what a program writes, piece by piece, as bytes cut anywhere. Called on the thread that runs the command.
class OutputListener {
 public:
  virtual ~OutputListener() = default;
  virtual void on_output(std::string_view bytes) = 0;
  virtual void on_error_output(std::string_view bytes) = 0;
};

struct RunLimits {
  /// Between the request to stop (SIGTERM) and the end by force (SIGKILL).
  std::chrono::milliseconds grace{5000};
  /// How long to go on reading, after the program's end, from children of it that hold its output open.
  std::chrono::milliseconds drain{500};
};

/// Runs a command to its end, on this thread, and reports what it writes.
///
/// As soon as `stop` is raised all that the command has started is asked to stop, and after the grace it is killed. A
/// command that ends by itself may leave processes behind; they are left alone, as Airflow does, but nobody reads what
/// they write. Throws std::system_error if the command cannot be started. `listener` and `stop` must outlive the call.
[[nodiscard]] ExitStatus run_command(const Command& command, OutputListener& listener, const WakeUp& stop,
                                     const RunLimits& limits);

}  // namespace bash_plugin
