#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "host/process/child_process.hpp"

namespace leeward {

/// One end of a pipe that a child writes to, and how much of what it writes is kept.
struct ChildPipe {
  UniqueFd reading;
  std::size_t limit_bytes = 0;
};

/// What a child said until it ended.
struct ChildOutput {
  struct Text {
    std::string text;
    bool cut = false;  ///< there was more than the limit
  };
  std::vector<Text> texts;        ///< one for each pipe
  std::optional<ProcessEnd> end;  ///< nothing: its time was up, and it was killed with all that came of it
};

/// Reads what a child writes until it has ended or the time is up. What exceeds a limit is read and dropped, so that
/// the child is not kept waiting; who outlives the child and holds a pipe open is not waited for.
[[nodiscard]] ChildOutput read_until_end(ChildProcess& child, std::vector<ChildPipe> pipes,
                                         std::chrono::milliseconds time_limit);

/// A new pipe, both ends closed by exec; the reading end does not block. Nothing, and errno, if there are no
/// descriptors left.
struct PipeEnds {
  UniqueFd reading;
  UniqueFd writing;
};
[[nodiscard]] std::optional<PipeEnds> make_pipe();

}  // namespace leeward
