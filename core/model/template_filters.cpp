#include "core/model/template_filters.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/base/utf8.hpp"
#include "core/model/filter_functions.hpp"

namespace leeward {

namespace {

struct Filter {
  FilterInfo info;
  Result<FilterValue> (*apply)(const FilterCall& call);
};

Result<FilterValue> filter_default(const FilterCall& call) {
  if (!call.value.missing && !call.json().is_null()) return call.value;
  return FilterValue::of(std::string{call.arguments[0].json()});
}

// By name, as people look them up.
constexpr std::array kFilters{
    Filter{{"abs", 0, 0, "abs"}, filter_abs},
    Filter{{"default", 1, 1, "default(value)"}, filter_default},
    Filter{{"ds", 0, 0, "ds"}, filter_ds},
    Filter{{"ds_nodash", 0, 0, "ds_nodash"}, filter_ds_nodash},
    Filter{{"first", 0, 0, "first"}, filter_first},
    Filter{{"float", 0, 0, "float"}, filter_float},
    Filter{{"int", 0, 0, "int"}, filter_int},
    Filter{{"join", 0, 1, "join(separator)"}, filter_join},
    Filter{{"json", 0, 0, "json"}, filter_json},
    Filter{{"keys", 0, 0, "keys"}, filter_keys},
    Filter{{"last", 0, 0, "last"}, filter_last},
    Filter{{"length", 0, 0, "length"}, filter_length},
    Filter{{"lower", 0, 0, "lower"}, filter_lower},
    Filter{{"max", 0, 0, "max"}, filter_max},
    Filter{{"min", 0, 0, "min"}, filter_min},
    Filter{{"pluck", 1, 1, "pluck(field)"}, filter_pluck},
    Filter{{"replace", 2, 2, "replace(old, new)"}, filter_replace},
    Filter{{"reverse", 0, 0, "reverse"}, filter_reverse},
    Filter{{"round", 0, 1, "round(decimals)"}, filter_round},
    Filter{{"sort", 0, 1, "sort(field)"}, filter_sort},
    Filter{{"split", 0, 1, "split(separator)"}, filter_split},
    Filter{{"string", 0, 0, "string"}, filter_string},
    Filter{{"sum", 0, 0, "sum"}, filter_sum},
    Filter{{"trim", 0, 0, "trim"}, filter_trim},
    Filter{{"truncate", 1, 2, "truncate(characters, ending)"}, filter_truncate},
    Filter{{"ts", 0, 0, "ts"}, filter_ts},
    Filter{{"ts_nodash", 0, 0, "ts_nodash"}, filter_ts_nodash},
    Filter{{"ts_nodash_with_tz", 0, 0, "ts_nodash_with_tz"}, filter_ts_nodash_with_tz},
    Filter{{"unique", 0, 0, "unique"}, filter_unique},
    Filter{{"upper", 0, 0, "upper"}, filter_upper},
    Filter{{"values", 0, 0, "values"}, filter_values},
};

constexpr auto kInfos = [] {
  std::array<FilterInfo, kFilters.size()> infos{};
  for (std::size_t i = 0; i < kFilters.size(); ++i) infos[i] = kFilters[i].info;
  return infos;
}();

const Filter* filter_of(std::string_view name) noexcept {
  const auto found = std::find_if(kFilters.begin(), kFilters.end(), [&](const auto& f) { return f.info.name == name; });
  return found == kFilters.end() ? nullptr : &*found;
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

}  // namespace

FilterValue FilterValue::of(std::string json_text) {
  auto document = JsonDocument::of(Value{std::move(json_text)});
  const Json root = document->root();
  return {root, std::move(document), {}};
}

FilterValue text_value(std::string_view text) { return FilterValue::of(json_quote(text)); }

FilterValue part_of(const FilterValue& whole, const Json& part) { return {part, whole.owner, {}}; }

// ---- what filters are given ----

std::string FilterCall::text(std::size_t argument, std::string_view otherwise) const {
  if (argument >= arguments.size()) return std::string{otherwise};
  return text_of(JsonDocument::of(arguments[argument])->root());
}

std::optional<std::int64_t> FilterCall::integer(std::size_t argument, std::int64_t otherwise) const {
  if (argument >= arguments.size()) return otherwise;
  const auto document = JsonDocument::of(arguments[argument]);
  return document->root().is_number() ? document->root().integer() : std::nullopt;
}

Error FilterCall::wrong_type(std::string_view expected) const {
  return {"template.type", "the filter \"" + std::string{name} + "\" takes " + std::string{expected} +
                               ", and this is " + std::string{to_string(json().kind())}};
}

Error FilterCall::wrong_argument(std::string_view expected) const {
  return {"template.type", "the filter \"" + std::string{name} + "\" expects " + std::string{expected}};
}

Error FilterCall::too_large() const {
  return {"template.too_large", "the filter \"" + std::string{name} + "\" makes more than 16 MiB of text"};
}

FilterValue FilterCall::nothing(std::string message) { return {{}, {}, Error{"template.missing", std::move(message)}}; }

// ---- what everybody else sees ----

std::span<const FilterInfo> template_filters() noexcept { return kInfos; }

const FilterInfo* find_filter(std::string_view name) noexcept {
  const Filter* filter = filter_of(name);
  return filter ? &filter->info : nullptr;
}

Result<FilterValue> apply_filter(const Placeholder::Filter& filter, const FilterValue& value) {
  const Filter* known = filter_of(filter.name);
  LW_ASSERT(known != nullptr, "the parser refuses filters that do not exist");
  if (value.missing && known->apply != filter_default) return value;
  return known->apply({known->info.name, value, filter.arguments});
}

std::string compact_json(const Json& value) {
  JsonWriter out;
  write_compact(out, value);
  return out.take();
}

std::string text_of(const Json& value) { return value.is_string() ? std::string{value.string()} : compact_json(value); }

std::string_view first_characters(std::string_view text, std::size_t count) noexcept {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) at += std::max<std::size_t>(utf8_sequence(text.substr(at)), 1);
  return text.substr(0, at);
}

}  // namespace leeward
