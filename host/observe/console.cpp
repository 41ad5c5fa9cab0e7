#include "host/observe/console.hpp"

#include <unistd.h>
#include <utility>

#include <sys/ioctl.h>

namespace leeward {

Console::Style Console::style_of(int fd, const std::map<std::string, std::string>& environment) {
  Style style;
  const auto set = [&](const char* name) {
    const auto at = environment.find(name);
    return at == environment.end() ? std::string{} : at->second;
  };
  style.live = ::isatty(fd) == 1 && set("NO_COLOR").empty() && set("TERM") != "dumb" && !set("TERM").empty();
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    style.width = size.ws_col;
    style.height = size.ws_row;
  }
  return style;
}

/// Up to the block's first line, and everything from there on gone.
void Console::erase(std::string& out) const {
  if (block_.empty()) return;
  out += "\x1b[" + std::to_string(block_.size()) + "A\r\x1b[J";
}

void Console::line(std::string_view text) {
  const std::lock_guard lock{mutex_};
  std::string out;
  erase(out);
  out.append(text).push_back('\n');
  for (const std::string& below : block_) out.append(below).push_back('\n');
  write_(out);
}

void Console::block(std::vector<std::string> lines) {
  if (!style_.live) return;
  const std::lock_guard lock{mutex_};
  if (lines.empty() && block_.empty()) return;
  std::string out;
  erase(out);
  for (const std::string& below : lines) out.append(below).push_back('\n');
  block_ = std::move(lines);
  write_(out);
}

}  // namespace leeward
