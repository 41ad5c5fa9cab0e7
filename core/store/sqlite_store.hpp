#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/run_projection.hpp"
#include "core/store/open_run.hpp"
#include "core/store/run_rows.hpp"
#include "core/store/run_store.hpp"
#include "core/store/sqlite_db.hpp"
#include "core/store/store_writer.hpp"

namespace leeward {

/// Keeps runs in a SQLite file, so that they outlive the process. Several processes may use one file; each run has one
/// that goes on with it at a time, which is for them to see to.
///
/// One connection writes, behind StoreWriter; another reads, so that looking never makes a commit wait. Of runs that
/// this process goes on with it also keeps the record they add up to; all others are read from their rows, once while
/// nobody asks about another and nothing is added.
/// Thread-safe.
class SqliteStore final : public RunStore {
 public:
  /// Makes the file where there is none, and brings an older one up to date. Codes: those of SqliteDb, store.foreign,
  /// store.newer.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(const SqliteDb::Options& options);
  /// Of two connections to the same file that open() has seen to.
  SqliteStore(SqliteDb writer, SqliteDb reader);
  ~SqliteStore() override;

  [[nodiscard]] Status begin(const std::shared_ptr<const RunInfo>& run, const std::shared_ptr<const Dag>& dag) override;
  [[nodiscard]] Status reopen(const std::shared_ptr<const RunInfo>& run,
                              const std::shared_ptr<const Dag>& dag) override;
  [[nodiscard]] Status append(const RunInfo& run, std::span<const Event> events) override;
  [[nodiscard]] Result<RunRecord> load(std::string_view run_id) const override;
  [[nodiscard]] Result<RunHistory> history(std::string_view run_id) const override;
  [[nodiscard]] Result<std::vector<RunSummary>> list(const RunQuery& query) const override;
  [[nodiscard]] Result<std::optional<std::string>> previous_run(std::string_view dag_id,
                                                                Timestamp logical_date) const override;
  [[nodiscard]] Result<std::optional<std::string>> run_at(std::string_view dag_id,
                                                          Timestamp logical_date) const override;
  [[nodiscard]] Result<std::vector<TaskState>> task_states(std::string_view run_id,
                                                           std::string_view task_id) const override;
  [[nodiscard]] Result<RunState> run_state(std::string_view run_id) const override;

  /// For what else is recorded in the same file.
  [[nodiscard]] StoreWriter& writer() noexcept { return writer_; }

 private:
  [[nodiscard]] std::shared_ptr<OpenRun> find_open(std::string_view run_id) const;
  void take_up(const std::string& run_id, std::shared_ptr<OpenRun> run);
  void retire(const std::string& run_id);
  [[nodiscard]] Status record(std::int64_t run, std::span<const Event> events);
  /// What `look` makes of the run's projection, from wherever that is cheapest.
  template <class Look>
  [[nodiscard]] auto show(std::string_view run_id, Look look) const
      -> Result<decltype(look(std::declval<const RunProjection&>()))>;

  /// REQUIRES of the following: reading_ is held.
  [[nodiscard]] bool is_up_to_date(const OpenRun& run) const;
  [[nodiscard]] Status recall(std::string_view run_id) const;
  [[nodiscard]] Result<RunProjection> replay(const RunRow& row) const;
  [[nodiscard]] Result<std::shared_ptr<const RunShape>> shape_in(std::int64_t text) const;
  [[nodiscard]] Result<std::shared_ptr<const DagSource>> source_of(const RunRow& row) const;

  StoreWriter writer_;
  mutable std::mutex reading_;
  mutable SqliteDb reader_;  ///< guarded by reading_, as are the next three
  /// The run that was read last: depends_on_past asks about one run for each of its tasks.
  struct Recalled {
    std::int64_t row = 0;
    RunProjection projection;
  };
  mutable std::optional<Recalled> recalled_;
  /// What many runs share is read once while anybody has it.
  mutable std::map<std::int64_t, std::weak_ptr<const RunShape>> shapes_;
  mutable std::map<std::pair<std::int64_t, std::string>, std::weak_ptr<const DagSource>> sources_;
  mutable std::mutex runs_mutex_;
  std::map<std::string, std::shared_ptr<OpenRun>, std::less<>> runs_;  ///< guarded by runs_mutex_, as is the next
  std::deque<std::string> ended_;                                      ///< those of runs_ that may be forgotten
};

}  // namespace leeward
