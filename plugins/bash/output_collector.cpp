#include "output_collector.hpp"

#include <utility>

#include <leeward/cpp/utf8.hpp>

namespace bash_plugin {
namespace {

// What last_words() keeps: it ends up in an error message.
constexpr std::size_t kWordsLimitBytes = 512;

std::string_view cut_at_character(std::string_view text, std::size_t limit_bytes) {
  return text.size() <= limit_bytes ? text : leeward::sdk::whole_characters(text.substr(0, limit_bytes));
}

std::string_view without_space_at_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n\v\f");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

}  // namespace

void OutputCollector::add(std::string_view text) {
  if (whole_) {
    if (text.size() <= limit_bytes_ - whole_->size()) {
      whole_->append(text);
    } else {
      whole_.reset();
    }
  }
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    add_to_line(text.substr(0, end));
    end_line();
  }
  add_to_line(text);
}

void OutputCollector::add_to_line(std::string_view text) {
  const std::string_view fits = cut_at_character(text, line_limit_bytes_ - current_.text.size());
  current_.text.append(fits);
  current_.cut = current_.cut || fits.size() < text.size();
}

void OutputCollector::end_line() {
  std::swap(ended_, current_);
  const std::string_view words = without_space_at_end(ended_.text);
  if (!words.empty()) last_words_ = cut_at_character(words, kWordsLimitBytes);
  current_.text.clear();
  current_.cut = false;
}

std::string OutputCollector::shown(const Line& line) {
  if (line.cut) return line.text + " [truncated]";
  return std::string{without_space_at_end(line.text)};
}

std::string OutputCollector::last_line() const { return shown(current_.text.empty() ? ended_ : current_); }

std::string OutputCollector::last_words() const {
  const std::string_view words = without_space_at_end(current_.text);
  return words.empty() ? last_words_ : std::string{cut_at_character(words, kWordsLimitBytes)};
}

}  // namespace bash_plugin
