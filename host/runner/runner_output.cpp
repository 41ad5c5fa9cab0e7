#include "host/runner/runner_output.hpp"

#include <cerrno>
#include <unistd.h>

#include "host/runner/messages.hpp"

namespace leeward {
namespace {

constexpr std::size_t kMaxLineBytes = 4096;
constexpr std::size_t kTailBytes = 2048;
/// Of one stream of one process: what comes after it is read and forgotten.
constexpr std::size_t kMaxOutputBytes = std::size_t{1} << 20;

}  // namespace

bool RunnerOutput::read_from(int fd) {
  char buffer[65536];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n == 0) {
    if (!line_.empty()) line();
    return false;
  }
  take({buffer, static_cast<std::size_t>(n)});
  return true;
}

void RunnerOutput::take(std::string_view bytes) {
  tail_.append(bytes.size() > kTailBytes ? bytes.substr(bytes.size() - kTailBytes) : bytes);
  if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  if (told_limit_) return;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    line_.append(part.substr(0, kMaxLineBytes - std::min(kMaxLineBytes, line_.size())));
    if (end == std::string_view::npos) return;
    line();
    bytes.remove_prefix(end + 1);
  }
}

void RunnerOutput::line() {
  logged_ += line_.size() + 1;
  if (logged_ <= kMaxOutputBytes) {
    log_.line(level_, plugin_, clean_text(line_), {});
  } else if (!std::exchange(told_limit_, true)) {
    log_.line(LogLevel::warn, plugin_, "prints too much: what follows is left out", {});
  }
  line_.clear();
}

std::string RunnerOutput::last_words() const {
  std::string_view tail = tail_;
  if (tail.size() > kTailBytes) tail.remove_prefix(tail.size() - kTailBytes);
  while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r')) tail.remove_suffix(1);
  return clean_text(tail);
}

}  // namespace leeward
