/// Walking over JSON text without building anything: the elements of a list, the members of an object.
///
/// Meant for values that a host hands out, which are valid JSON; on any other text it stays safe, and may say less than
/// a parser would.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <leeward/cpp/json_text.hpp>

LW_SDK_BEGIN

namespace detail {

/// The length of the value that `text` starts with; text.size() if it never ends. Needs no stack, however deep the
/// value is.
inline std::size_t value_length(std::string_view text) noexcept {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      if (c == '"' && depth == 0) return i + 1;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      if (depth == 0) return i;  // the end of what holds this value
      if (--depth == 0) return i + 1;
    } else if (depth == 0 && (c == ',' || c == ':' || is_space(c))) {
      return i;
    }
  }
  return text.size();
}

/// Calls `fn(key, value)` for each element between the brackets, `key` being empty in a list; stops when it answers
/// false.
template <class Fn>
void walk(std::string_view json, char open, char close, const char* what, Fn&& fn) {
  json = trimmed(json);
  if (json.size() < 2 || json.front() != open || json.back() != close) expected(what, json);
  std::string_view rest = trimmed(json.substr(1, json.size() - 2));
  const auto take = [&rest] {
    const std::size_t length = value_length(rest);
    const std::string_view taken = rest.substr(0, length);
    rest = trimmed(rest.substr(length));
    return taken;
  };
  const auto skip_mark = [&](char mark) {
    if (rest.empty() || rest.front() != mark) expected(what, json);
    rest = trimmed(rest.substr(1));
  };
  while (!rest.empty()) {
    std::string_view key;
    if (open == '{') key = take(), skip_mark(':');
    const std::string_view value = take();
    const bool open_string = !value.empty() && value.front() == '"' && (value.size() < 2 || value.back() != '"');
    if (value.empty() || open_string) expected(what, json);
    if (!fn(key, value)) return;
    if (!rest.empty()) skip_mark(',');
  }
}

}  // namespace detail

/// The elements of a JSON list, as JSON text; borrowed from `json`. Throws Error if it is no list.
inline std::vector<std::string_view> elements(std::string_view json) {
  std::vector<std::string_view> out;
  detail::walk(json, '[', ']', "a list", [&](std::string_view, std::string_view value) {
    out.push_back(value);
    return true;
  });
  return out;
}

/// The members of a JSON object, in order: names decoded, values as JSON text borrowed from `json`. Throws Error if it
/// is no object.
inline std::vector<std::pair<std::string, std::string_view>> members(std::string_view json) {
  std::vector<std::pair<std::string, std::string_view>> out;
  detail::walk(json, '{', '}', "an object", [&](std::string_view key, std::string_view value) {
    out.emplace_back(unquote(key), value);
    return true;
  });
  return out;
}

/// One member of a JSON object as JSON text borrowed from `json`, or nothing. Throws Error if `json` is no object.
inline std::optional<std::string_view> member(std::string_view json, std::string_view name) {
  std::optional<std::string_view> found;
  detail::walk(json, '{', '}', "an object", [&](std::string_view key, std::string_view value) {
    if (unquote(key) == name) found = value;
    return !found;
  });
  return found;
}

LW_SDK_END
