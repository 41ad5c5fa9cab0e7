/// Is a text one JSON value (RFC 8259), in UTF-8? For operators that meet text which may be JSON: what a program
/// prints, what a model answers. A host asks the same of every result, and may refuse more: what is nested too deep, a
/// name given twice.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <leeward/cpp/json_text.hpp>
#include <leeward/cpp/utf8.hpp>

LW_SDK_BEGIN

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = detail::character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

namespace detail {

/// A reader that needs no stack, however deep the value is: open brackets are kept in a string.
class JsonCheck {
 public:
  explicit JsonCheck(std::string_view text) : rest_(text) {}

  bool passes() {
    skip_space();
    while (value()) {
      if (!close_all_that_end()) return false;
      if (open_.empty()) return rest_.empty();
    }
    return false;
  }

 private:
  /// One scalar, or the start of a list or object up to its first value.
  bool value() {
    for (;;) {
      skip_space();
      if (take('[')) {
        open_ += ']', skip_space();
        if (starts_with(']')) return true;
      } else if (take('{')) {
        open_ += '}', skip_space();
        if (starts_with('}')) return true;
        if (!key()) return false;
      } else if (starts_with('"')) {
        return string();
      } else {
        return word("true") || word("false") || word("null") || number();
      }
    }
  }
  /// After a value: closing brackets, then the comma and key in front of the next value.
  bool close_all_that_end() {
    for (;;) {
      skip_space();
      if (open_.empty()) return true;
      if (take(open_.back())) {
        open_.pop_back();
        continue;
      }
      if (!take(',')) return false;
      skip_space();
      return open_.back() == ']' || key();
    }
  }
  bool key() {
    if (!string()) return false;
    skip_space();
    return take(':');
  }
  bool string() {
    if (!take('"')) return false;
    while (!rest_.empty()) {
      if (take('"')) return true;
      if (static_cast<unsigned char>(rest_.front()) < 0x20) return false;
      if (take('\\')) {
        if (!escape()) return false;
        continue;
      }
      const std::size_t length = character_length(rest_);
      if (length == 0) return false;
      rest_.remove_prefix(length);
    }
    return false;
  }
  bool escape() {
    if (take('u')) {
      if (!hex4(rest_, 0)) return false;
      rest_.remove_prefix(4);
      return true;
    }
    const bool known = !rest_.empty() && std::string_view("\"\\/bfnrt").find(rest_.front()) != std::string_view::npos;
    if (known) rest_.remove_prefix(1);
    return known;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }
  bool digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') rest_.remove_prefix(1);
    return rest_.size() < before;
  }
  bool word(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  bool starts_with(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool take(char c) {
    if (!starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  std::string open_;
};

}  // namespace detail

inline bool is_json(std::string_view text) { return detail::JsonCheck(text).passes(); }

LW_SDK_END
