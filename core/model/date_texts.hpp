#pragma once

#include <string>

#include "core/base/clock.hpp"

namespace leeward {

/// Airflow's ways of writing a time, all in UTC: what its built-in names hold and what its filters make. Pure.

[[nodiscard]] std::string ds_of(Timestamp time);         ///< "2024-01-31"
[[nodiscard]] std::string ds_nodash_of(Timestamp time);  ///< "20240131"
[[nodiscard]] std::string ts_of(Timestamp time);         ///< "2024-01-31T16:30:00+00:00", or "…00.123456+00:00"
[[nodiscard]] std::string ts_nodash_of(Timestamp time);  ///< "20240131T163000"
[[nodiscard]] std::string ts_nodash_with_tz_of(Timestamp time);  ///< "20240131T163000+0000", or "…00.123456+0000"

}  // namespace leeward
