#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace leeward {

/// Where messages go, and the one owner of that stream: lines scroll by, and on a terminal a block of lines stays below
/// them and is redrawn. Thread-safe.
class Console {
 public:
  struct Style {
    bool live = false;  ///< a terminal that can redraw, and nobody asked for plain text
    int width = 100;    ///< columns
    int height = 24;
  };
  using Write = std::function<void(std::string_view)>;

  Console(Write write, Style style) : write_(std::move(write)), style_(style) {}
  ~Console() { block({}); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  [[nodiscard]] const Style& style() const noexcept { return style_; }
  /// One line, without its end, above the block.
  void line(std::string_view text);
  /// What stays below the lines from now on. Ignored where the style is not live. REQUIRES: no line is wider than the
  /// terminal.
  void block(std::vector<std::string> lines);

  /// How a descriptor likes to be written to: live only on a terminal, never with NO_COLOR or TERM=dumb.
  [[nodiscard]] static Style style_of(int fd, const std::map<std::string, std::string>& environment);

 private:
  void erase(std::string& out) const;

  const Write write_;
  const Style style_;
  std::mutex mutex_;
  std::vector<std::string> block_;
};

}  // namespace leeward
