#include "core/base/time_format.hpp"
#include "core/model/date_texts.hpp"
#include "core/model/filter_functions.hpp"

// Airflow's filters for dates. They take what the engine writes for a time, and whatever else parse_timestamp() reads;
// the result is in UTC.

namespace leeward {
namespace {

Result<FilterValue> written(const FilterCall& call, std::string (*write)(Timestamp)) {
  if (!call.json().is_string()) return call.wrong_type("a time as a text");
  const auto time = parse_timestamp(call.json().string());
  if (!time) return Error{"template.type", "the filter \"" + std::string{call.name} + "\": " + time.error().message};
  return text_value(write(*time));
}

}  // namespace

Result<FilterValue> filter_ds(const FilterCall& call) { return written(call, ds_of); }

Result<FilterValue> filter_ds_nodash(const FilterCall& call) { return written(call, ds_nodash_of); }

Result<FilterValue> filter_ts(const FilterCall& call) { return written(call, ts_of); }

Result<FilterValue> filter_ts_nodash(const FilterCall& call) { return written(call, ts_nodash_of); }

Result<FilterValue> filter_ts_nodash_with_tz(const FilterCall& call) { return written(call, ts_nodash_with_tz_of); }

}  // namespace leeward
