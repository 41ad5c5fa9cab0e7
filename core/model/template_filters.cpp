#include "core/model/template_filters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/utf8.hpp"

namespace leeward {

namespace {

using Arguments = std::vector<Value>;

constexpr std::array kFilters{
    FilterInfo{"default", 1, 1, "default(value)"},
    FilterInfo{"first", 0, 0, "first"},
    FilterInfo{"join", 0, 1, "join(separator)"},
    FilterInfo{"json", 0, 0, "json"},
    FilterInfo{"keys", 0, 0, "keys"},
    FilterInfo{"last", 0, 0, "last"},
    FilterInfo{"length", 0, 0, "length"},
    FilterInfo{"lower", 0, 0, "lower"},
    FilterInfo{"replace", 2, 2, "replace(old, new)"},
    FilterInfo{"round", 0, 1, "round(decimals)"},
    FilterInfo{"split", 0, 1, "split(separator)"},
    FilterInfo{"trim", 0, 0, "trim"},
    FilterInfo{"truncate", 1, 2, "truncate(characters, ending)"},
    FilterInfo{"upper", 0, 0, "upper"},
    FilterInfo{"values", 0, 0, "values"},
};

constexpr std::string_view kBlanks = " \t\n\r\f\v";

Error wrong_type(std::string_view filter, std::string_view expected, const Json& value) {
  return {"template.type", "the filter \"" + std::string{filter} + "\" takes " + std::string{expected} +
                               ", and this is " + std::string{to_string(value.kind())}};
}

Error wrong_argument(std::string_view filter, std::string_view expected) {
  return {"template.type", "the filter \"" + std::string{filter} + "\" expects " + std::string{expected}};
}

Error too_large(std::string_view filter) {
  return {"template.too_large", "the filter \"" + std::string{filter} + "\" makes more than 16 MiB of text"};
}

FilterValue text_value(std::string_view text) { return FilterValue::of(json_quote(text)); }

/// The text that an argument holds; an argument that is no string counts as it is written.
std::string text_argument(const Arguments& arguments, std::size_t index, std::string_view otherwise) {
  if (index >= arguments.size()) return std::string{otherwise};
  return text_of(JsonDocument::of(arguments[index])->root());
}

std::optional<std::int64_t> integer_argument(const Arguments& arguments, std::size_t index, std::int64_t otherwise) {
  if (index >= arguments.size()) return otherwise;
  const auto document = JsonDocument::of(arguments[index]);
  return document->root().is_number() ? document->root().integer() : std::nullopt;
}

void write_compact(JsonWriter& out, const Json& value) {
  switch (value.kind()) {
    case JsonKind::array:
      out.begin_array();
      for (const Json& element : value) write_compact(out, element);
      out.end_array();
      return;
    case JsonKind::object:
      out.begin_object();
      for (const Json& member : value) {
        out.key(member.key());
        write_compact(out, member);
      }
      out.end_object();
      return;
    case JsonKind::string: out.string(value.string()); return;
    default: out.raw(value.text()); return;
  }
}

std::string compact(const Json& value) {
  JsonWriter out;
  write_compact(out, value);
  return out.take();
}

Result<FilterValue> join(const Json& value, const Arguments& arguments) {
  if (!value.is_array()) return wrong_type("join", "a list", value);
  const std::string separator = text_argument(arguments, 0, "");
  std::string out;
  bool first = true;
  for (const Json& element : value) {
    if (!first) out += separator;
    first = false;
    out += text_of(element);
    if (out.size() > kMaxRenderedBytes) return too_large("join");
  }
  return text_value(out);
}

Result<FilterValue> length(const Json& value) {
  if (value.is_string()) return FilterValue::of(std::to_string(utf8_characters(value.string())));
  if (value.is_array() || value.is_object()) return FilterValue::of(std::to_string(value.size()));
  return wrong_type("length", "a text, a list or an object", value);
}

Result<FilterValue> truncate(const Json& value, const Arguments& arguments) {
  const auto count = integer_argument(arguments, 0, 0);
  if (!count || *count < 0) return wrong_argument("truncate", "a number of characters, 0 or more");
  const std::string text = text_of(value);
  const std::string_view kept = first_characters(text, static_cast<std::size_t>(*count));
  if (kept.size() == text.size()) return text_value(text);
  return text_value(std::string{kept} + text_argument(arguments, 1, ""));
}

Result<FilterValue> change_case(std::string_view filter, const Json& value, char from, char to) {
  if (!value.is_string()) return wrong_type(filter, "a text", value);
  std::string text{value.string()};
  for (char& c : text) {
    if (c >= from && c <= from + 25) c = static_cast<char>(c - from + to);
  }
  return text_value(text);
}

Result<FilterValue> trim(const Json& value) {
  if (!value.is_string()) return wrong_type("trim", "a text", value);
  std::string_view text = value.string();
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text_value(text);
}

Result<FilterValue> end_of(const Placeholder::Filter& filter, const FilterValue& value) {
  if (!value.json.is_array()) return wrong_type(filter.name, "a list", value.json);
  if (value.json.size() > 0) {
    return FilterValue{value.json.at(filter.name == "first" ? 0 : value.json.size() - 1), value.owner, {}};
  }
  return FilterValue{{}, {}, Error{"template.missing", "an empty list has no " + filter.name + " element"}};
}

Result<FilterValue> keys_or_values(const Placeholder::Filter& filter, const Json& value) {
  if (!value.is_object()) return wrong_type(filter.name, "an object", value);
  JsonWriter out;
  out.begin_array();
  for (const Json& member : value) {
    if (filter.name == "keys") {
      out.string(member.key());
    } else {
      out.raw(member.text());
    }
  }
  return FilterValue::of(out.end_array().take());
}

Result<FilterValue> round(const Json& value, const Arguments& arguments) {
  if (!value.is_number()) return wrong_type("round", "a number", value);
  const auto decimals = integer_argument(arguments, 0, 0);
  if (!decimals || *decimals < 0 || *decimals > 15) return wrong_argument("round", "a number of decimals from 0 to 15");
  if (value.integer()) return FilterValue::of(std::string{value.text()});
  const double scale = std::pow(10.0, static_cast<double>(*decimals));
  const double scaled = value.number() * scale;
  JsonWriter out;
  if (!std::isfinite(scaled) || std::abs(scaled) >= 9e15) {
    out.raw(value.text());  // too large to have decimals
  } else if (*decimals == 0) {
    out.integer(static_cast<std::int64_t>(std::nearbyint(scaled)));
  } else {
    out.number(std::nearbyint(scaled) / scale);
  }
  return FilterValue::of(out.take());
}

Result<FilterValue> replace(const Json& value, const Arguments& arguments) {
  if (!value.is_string()) return wrong_type("replace", "a text", value);
  const std::string_view text = value.string();
  const std::string old = text_argument(arguments, 0, "");
  const std::string fresh = text_argument(arguments, 1, "");
  if (old.empty()) return wrong_argument("replace", "something to look for");
  std::string out;
  std::size_t at = 0;
  for (std::size_t found; (found = text.find(old, at)) != std::string_view::npos; at = found + old.size()) {
    out.append(text.substr(at, found - at)).append(fresh);
    if (out.size() > kMaxRenderedBytes) return too_large("replace");
  }
  return text_value(out.append(text.substr(at)));
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

Result<FilterValue> split(const Json& value, const Arguments& arguments) {
  if (!value.is_string()) return wrong_type("split", "a text", value);
  JsonWriter out;
  out.begin_array();
  std::string_view text = value.string();
  const std::string separator = text_argument(arguments, 0, "");
  if (arguments.empty()) {
    split_at_blanks(out, text);
  } else if (separator.empty()) {
    return wrong_argument("split", "a separator that is not empty");
  } else {
    for (std::size_t found; (found = text.find(separator)) != std::string_view::npos;) {
      out.string(text.substr(0, found));
      text.remove_prefix(found + separator.size());
    }
    out.string(text);
  }
  if (out.text().size() > kMaxRenderedBytes) return too_large("split");
  return FilterValue::of(out.end_array().take());
}

}  // namespace

FilterValue FilterValue::of(std::string json_text) {
  auto document = JsonDocument::of(Value{std::move(json_text)});
  const Json root = document->root();
  return {root, std::move(document), {}};
}

std::span<const FilterInfo> template_filters() noexcept { return kFilters; }

const FilterInfo* find_filter(std::string_view name) noexcept {
  const auto found = std::find_if(kFilters.begin(), kFilters.end(), [&](const auto& f) { return f.name == name; });
  return found == kFilters.end() ? nullptr : &*found;
}

Result<FilterValue> apply_filter(const Placeholder::Filter& filter, const FilterValue& value) {
  const std::string_view name = filter.name;
  const Json& json = value.json;
  if (name == "default") {
    if (!value.missing && !json.is_null()) return value;
    return FilterValue::of(std::string{filter.arguments[0].json()});
  }
  if (value.missing) return value;
  if (name == "join") return join(json, filter.arguments);
  if (name == "json") return text_value(compact(json));
  if (name == "length") return length(json);
  if (name == "truncate") return truncate(json, filter.arguments);
  if (name == "upper") return change_case(name, json, 'a', 'A');
  if (name == "lower") return change_case(name, json, 'A', 'a');
  if (name == "trim") return trim(json);
  if (name == "first" || name == "last") return end_of(filter, value);
  if (name == "keys" || name == "values") return keys_or_values(filter, json);
  if (name == "round") return round(json, filter.arguments);
  if (name == "replace") return replace(json, filter.arguments);
  LW_ASSERT(name == "split", "the parser refuses filters that do not exist");
  return split(json, filter.arguments);
}

std::string text_of(const Json& value) { return value.is_string() ? std::string{value.string()} : compact(value); }

std::string_view first_characters(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) at += std::max<std::size_t>(utf8_sequence(text.substr(at)), 1);
  return text.substr(0, at);
}

}  // namespace leeward
