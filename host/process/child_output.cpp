#include "host/process/child_output.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace leeward {
namespace {

using Clock = std::chrono::steady_clock;

/// Takes what there is in a pipe that does not block; closes it at its end.
void drain(ChildPipe& pipe, ChildOutput::Text& to) {
  char piece[65536];
  while (pipe.reading) {
    const ssize_t n = ::read(pipe.reading.get(), piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return pipe.reading.reset();
    const std::size_t fits = std::min(static_cast<std::size_t>(n), pipe.limit_bytes - to.text.size());
    to.text.append(piece, fits);
    to.cut = to.cut || fits < static_cast<std::size_t>(n);
    if (to.cut) return;  // a child that never stops writing must not keep this loop either
  }
}

int left_ms(Clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace

ChildOutput read_until_end(ChildProcess& child, std::vector<ChildPipe> pipes, std::chrono::milliseconds time_limit) {
  const Clock::time_point until = Clock::now() + time_limit;
  ChildOutput output;
  output.texts.resize(pipes.size());
  while (!output.end) {
    std::vector<pollfd> watched{{child.end_fd(), POLLIN, 0}};
    for (const ChildPipe& pipe : pipes) watched.push_back({pipe.reading.get(), POLLIN, 0});  // -1 is passed over
    const int ready = ::poll(watched.data(), watched.size(), left_ms(until));
    if (ready < 0 && errno == EINTR) continue;
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (watched[i + 1].revents != 0) drain(pipes[i], output.texts[i]);
    }
    if (watched[0].revents != 0) output.end = child.end();
    if (!output.end && left_ms(until) == 0) {
      child.kill();
      static_cast<void>(child.wait());
      break;
    }
  }
  for (std::size_t i = 0; i < pipes.size(); ++i) drain(pipes[i], output.texts[i]);
  return output;
}

std::optional<PipeEnds> make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  PipeEnds pipe{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
  if (::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK) != 0) return std::nullopt;
  return pipe;
}

}  // namespace leeward
