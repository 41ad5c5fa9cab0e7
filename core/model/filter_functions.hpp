#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/template_filters.hpp"

// Private to core/model/*_filters.cpp: what the table of filters is made of, one function each.

namespace leeward {

/// One filter at work: what it is given, and the words for what it cannot take. Lives for one call.
struct FilterCall {
  std::string_view name;
  const FilterValue& value;             ///< not missing, but for `default`
  const std::vector<Value>& arguments;  ///< as many as the filter takes

  [[nodiscard]] const Json& json() const noexcept { return value.json; }
  /// The text that an argument holds; an argument that is no string counts as it is written.
  [[nodiscard]] std::string text(std::size_t argument, std::string_view otherwise) const;
  /// Nothing if the argument is no whole number.
  [[nodiscard]] std::optional<std::int64_t> integer(std::size_t argument, std::int64_t otherwise) const;

  [[nodiscard]] Error wrong_type(std::string_view expected) const;  ///< "the filter takes `expected`, and this is ..."
  [[nodiscard]] Error wrong_argument(std::string_view expected) const;
  [[nodiscard]] Error too_large() const;
  /// No value, and why: an error unless `default` follows.
  [[nodiscard]] static FilterValue nothing(std::string message);
};

[[nodiscard]] FilterValue text_value(std::string_view text);
/// A piece of the value that was filtered; keeps alive what that lives in.
[[nodiscard]] FilterValue part_of(const FilterValue& whole, const Json& part);

// text_filters.cpp
Result<FilterValue> filter_json(const FilterCall& call);
Result<FilterValue> filter_lower(const FilterCall& call);
Result<FilterValue> filter_replace(const FilterCall& call);
Result<FilterValue> filter_split(const FilterCall& call);
Result<FilterValue> filter_string(const FilterCall& call);
Result<FilterValue> filter_trim(const FilterCall& call);
Result<FilterValue> filter_truncate(const FilterCall& call);
Result<FilterValue> filter_upper(const FilterCall& call);

// list_filters.cpp
Result<FilterValue> filter_first(const FilterCall& call);
Result<FilterValue> filter_join(const FilterCall& call);
Result<FilterValue> filter_keys(const FilterCall& call);
Result<FilterValue> filter_last(const FilterCall& call);
Result<FilterValue> filter_length(const FilterCall& call);
Result<FilterValue> filter_max(const FilterCall& call);
Result<FilterValue> filter_min(const FilterCall& call);
Result<FilterValue> filter_pluck(const FilterCall& call);
Result<FilterValue> filter_reverse(const FilterCall& call);
Result<FilterValue> filter_sort(const FilterCall& call);
Result<FilterValue> filter_unique(const FilterCall& call);
Result<FilterValue> filter_values(const FilterCall& call);

// number_filters.cpp
Result<FilterValue> filter_abs(const FilterCall& call);
Result<FilterValue> filter_float(const FilterCall& call);
Result<FilterValue> filter_int(const FilterCall& call);
Result<FilterValue> filter_round(const FilterCall& call);
Result<FilterValue> filter_sum(const FilterCall& call);

// time_filters.cpp
Result<FilterValue> filter_ds(const FilterCall& call);
Result<FilterValue> filter_ds_nodash(const FilterCall& call);
Result<FilterValue> filter_ts(const FilterCall& call);
Result<FilterValue> filter_ts_nodash(const FilterCall& call);
Result<FilterValue> filter_ts_nodash_with_tz(const FilterCall& call);

}  // namespace leeward
