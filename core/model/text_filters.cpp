#include <algorithm>

#include "core/base/utf8.hpp"
#include "core/model/filter_functions.hpp"

// Filters that make texts, and those that take them apart.

namespace leeward {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\f\v";

Result<FilterValue> change_case(const FilterCall& call, char from, char to) {
  if (!call.json().is_string()) return call.wrong_type("a text");
  std::string text{call.json().string()};
  for (char& c : text) {
    if (c >= from && c <= from + 25) c = static_cast<char>(c - from + to);
  }
  return text_value(text);
}

void split_at_blanks(JsonWriter& out, std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return;
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    out.string(word);
    text.remove_prefix(word.size());
  }
}

}  // namespace

Result<FilterValue> filter_json(const FilterCall& call) { return text_value(compact_json(call.json())); }

Result<FilterValue> filter_string(const FilterCall& call) { return text_value(text_of(call.json())); }

Result<FilterValue> filter_lower(const FilterCall& call) { return change_case(call, 'A', 'a'); }

Result<FilterValue> filter_upper(const FilterCall& call) { return change_case(call, 'a', 'A'); }

Result<FilterValue> filter_trim(const FilterCall& call) {
  if (!call.json().is_string()) return call.wrong_type("a text");
  std::string_view text = call.json().string();
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text_value(text);
}

Result<FilterValue> filter_truncate(const FilterCall& call) {
  const auto count = call.integer(0, 0);
  if (!count || *count < 0) return call.wrong_argument("a number of characters, 0 or more");
  const std::string text = text_of(call.json());
  const std::string_view kept = first_characters(text, static_cast<std::size_t>(*count));
  if (kept.size() == text.size()) return text_value(text);
  return text_value(std::string{kept} + call.text(1, ""));
}

Result<FilterValue> filter_replace(const FilterCall& call) {
  if (!call.json().is_string()) return call.wrong_type("a text");
  const std::string_view text = call.json().string();
  const std::string old = call.text(0, "");
  const std::string fresh = call.text(1, "");
  if (old.empty()) return call.wrong_argument("something to look for");
  std::string out;
  std::size_t at = 0;
  for (std::size_t found; (found = text.find(old, at)) != std::string_view::npos; at = found + old.size()) {
    out.append(text.substr(at, found - at)).append(fresh);
    if (out.size() > kMaxRenderedBytes) return call.too_large();
  }
  return text_value(out.append(text.substr(at)));
}

Result<FilterValue> filter_split(const FilterCall& call) {
  if (!call.json().is_string()) return call.wrong_type("a text");
  JsonWriter out;
  out.begin_array();
  std::string_view text = call.json().string();
  const std::string separator = call.text(0, "");
  if (call.arguments.empty()) {
    split_at_blanks(out, text);
  } else if (separator.empty()) {
    return call.wrong_argument("a separator that is not empty");
  } else {
    for (std::size_t found; (found = text.find(separator)) != std::string_view::npos;) {
      out.string(text.substr(0, found));
      text.remove_prefix(found + separator.size());
    }
    out.string(text);
  }
  if (out.text().size() > kMaxRenderedBytes) return call.too_large();
  return FilterValue::of(out.end_array().take());
}

}  // namespace leeward
