#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/model/run_record.hpp"
#include "core/store/call_ledger.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// Paid calls as rows of a store: a row for each that was intended, with what came of it once that is known. All but
/// the last REQUIRE a write transaction.

/// Records the intent, unless the answer is known. Code store.unknown_run.
[[nodiscard]] Result<CallLedger::Standing> intend_call(SqliteDb& db, const CallKey& key);
/// Code store.unknown_call: it was not intended.
[[nodiscard]] Status answer_call(SqliteDb& db, const CallKey& key, const CallAnswer& answer);
[[nodiscard]] Status take_call_back(SqliteDb& db, const CallKey& key);

/// Puts into the record of this run how many of its paid calls may have been made twice.
[[nodiscard]] Status read_possible_duplicates(SqliteDb& db, std::int64_t run, RunRecord& record);

}  // namespace leeward
