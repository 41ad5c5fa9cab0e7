#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/event.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// A run's events as rows of a store. `run` is its row's id.

/// Code store.conflict: there is such an event already, so somebody else goes on with this run.
[[nodiscard]] Status insert_events(SqliteDb& db, std::int64_t run, std::span<const Event> events);

/// In order, from the first. Code store.corrupt: a row is no event. Whether they make sense together, run_invariants
/// says.
[[nodiscard]] Result<std::vector<Event>> read_events(SqliteDb& db, std::int64_t run);

/// How many there are, which is the sequence of the next.
[[nodiscard]] Result<std::uint64_t> count_events(SqliteDb& db, std::int64_t run);

}  // namespace leeward
