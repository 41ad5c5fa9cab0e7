#include "json_search.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

#include <leeward/cpp/json_walk.hpp>

#include "unicode.hpp"

namespace text_plugin {
namespace {

using leeward::sdk::fail;

// An answer full of brackets that never close would otherwise be read to its end once for each.
constexpr int kStartsLimit = 32;

// The length of the bracketed piece that `text` starts with, 0 if it is never closed.
std::size_t bracketed_length(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && (c == '[' || c == '{')) {
      ++depth;
    } else if (!in_string && (c == ']' || c == '}') && --depth == 0) {
      return i + 1;
    }
  }
  return 0;
}

// Takes the next step off `path`: the name or index between its marks.
std::string_view take_step(std::string_view& path, bool first) {
  const auto refuse = [&] {
    throw fail("json.bad_path", "expected a path like articles[0].title, found '" + std::string(path) + "' in it");
  };
  const bool bracketed = path.front() == '[';
  if (bracketed || path.front() == '.') {
    path.remove_prefix(1);
  } else if (!first) {
    refuse();
  }
  const std::size_t end = std::min(path.find_first_of(bracketed ? "]" : ".["), path.size());
  const std::string_view step = path.substr(0, end);
  if (step.empty() || (bracketed && end == path.size())) refuse();
  path.remove_prefix(bracketed ? end + 1 : end);
  return step;
}

std::optional<std::string_view> element(std::string_view list, std::string_view step) {
  std::size_t index = 0;
  const char* end = step.data() + step.size();
  const auto [stopped, status] = std::from_chars(step.data(), end, index);
  if (status != std::errc{} || stopped != end) return std::nullopt;
  const auto all = leeward::sdk::elements(list);
  return index < all.size() ? std::optional{all[index]} : std::nullopt;
}

std::optional<std::string_view> child(std::string_view json, std::string_view step) {
  json = trim(json);
  if (json.empty()) return std::nullopt;
  if (json.front() == '{') return leeward::sdk::member(json, step);
  if (json.front() == '[') return element(json, step);
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> json_candidates(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::string_view rest = text;
  for (int starts = 0; starts < kStartsLimit; ++starts) {
    const std::size_t start = rest.find_first_of("[{");
    if (start == std::string_view::npos) break;
    rest.remove_prefix(start);
    const std::size_t length = bracketed_length(rest);
    if (length > 0) pieces.push_back(rest.substr(0, length));
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](auto a, auto b) { return a.size() > b.size(); });
  pieces.insert(pieces.begin(), trim(text));
  return pieces;
}

std::optional<std::string_view> value_at(std::string_view json, std::string_view path) {
  std::optional<std::string_view> value = json;
  for (bool first = true; !path.empty(); first = false) {
    const std::string_view step = take_step(path, first);
    if (value) value = child(*value, step);
  }
  return value;
}

}  // namespace text_plugin
