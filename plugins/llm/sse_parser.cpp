#include "sse_parser.hpp"

#include <algorithm>
#include <charconv>

namespace llm {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

bool SseParser::feed(std::string_view piece, const Sink& sink) {
  while (!piece.empty() && !overflow_) {
    // A CR ends its line at once, so that an event never waits for the next piece; an LF right after it is its second
    // half.
    if (after_cr_ && piece.front() == '\n') {
      after_cr_ = false;
      piece.remove_prefix(1);
      continue;
    }
    after_cr_ = false;
    const std::size_t end = std::min(piece.find_first_of("\r\n"), piece.size());
    if (line_.size() + end > limit_) {
      overflow_ = true;
      break;
    }
    line_.append(piece.substr(0, end));
    if (end == piece.size()) break;
    after_cr_ = piece[end] == '\r';
    piece.remove_prefix(end + 1);
    end_line(sink);
  }
  return !overflow_;
}

void SseParser::end_line(const Sink& sink) {
  std::string_view line = line_;
  if (first_line_ && line.substr(0, kByteOrderMark.size()) == kByteOrderMark) line.remove_prefix(kByteOrderMark.size());
  first_line_ = false;
  if (line.empty()) {
    dispatch(sink);
  } else if (line.front() != ':') {
    const std::size_t colon = line.find(':');
    std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    field(line.substr(0, colon), value);
  }
  line_.clear();
}

void SseParser::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (event_.data.size() + value.size() + 1 > limit_) overflow_ = true;
    if (has_data_) event_.data += '\n';
    has_data_ = true;
    event_.data.append(value);
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) last_id_ = value;
  } else if (name == "retry") {
    std::uint64_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error == std::errc{} && end == value.data() + value.size()) retry_ms_ = ms;
  }
}

void SseParser::dispatch(const Sink& sink) {
  if (!event_.data.empty() && !overflow_) sink(event_);
  event_ = {};
  has_data_ = false;
}

}  // namespace llm
