#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"
#include "core/model/run_shape.hpp"
#include "core/store/run_store.hpp"
#include "core/store/sqlite_db.hpp"

namespace leeward {

/// Runs as rows of a store: what each was asked to be, the texts it was made from, and where it stands.

struct RunRow {
  std::int64_t id = 0;
  std::shared_ptr<const RunInfo> info;
  std::int64_t source = 0;  ///< row of its text; 0: none was kept
  std::string source_file;
  std::int64_t shape = 0;
};

/// A text as it is kept, once for all runs that share it. Made before the transaction: a DAG may be long.
struct KeptText {
  explicit KeptText(std::string text);
  std::string text;
  std::string sha256;
};
struct RunTexts {
  RunTexts(const DagSource* source, const RunShape& shape);
  std::optional<KeptText> source;
  std::string source_file;
  KeptText shape;
};

/// The new row's id. Code store.run_exists.
[[nodiscard]] Result<std::int64_t> insert_run(SqliteDb& db, const RunInfo& run, const RunTexts& texts);
/// Where the run stands after these events. Does nothing if they only tell of tasks.
[[nodiscard]] Status update_run(SqliteDb& db, std::int64_t run, std::span<const Event> events);

/// Code store.unknown_run.
[[nodiscard]] Result<std::int64_t> find_run(SqliteDb& db, std::string_view run_id);
[[nodiscard]] Result<RunRow> read_run(SqliteDb& db, std::string_view run_id);
[[nodiscard]] Result<RunSummary> read_summary(SqliteDb& db, std::string_view run_id);
[[nodiscard]] Result<std::vector<RunSummary>> list_runs(SqliteDb& db, const RunQuery& query);
/// Of the DAG, the run with the latest logical date before this one, or the one at this date; of several the one that
/// began last.
[[nodiscard]] Result<std::optional<std::string>> run_before(SqliteDb& db, std::string_view dag_id, Timestamp date);
[[nodiscard]] Result<std::optional<std::string>> run_at(SqliteDb& db, std::string_view dag_id, Timestamp date);

/// A text that was kept with a run. Code store.corrupt: it is not there.
[[nodiscard]] Result<std::string> read_text(SqliteDb& db, std::int64_t text);

}  // namespace leeward
