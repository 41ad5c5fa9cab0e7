#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"
#include "core/store/sqlite_store.hpp"

namespace leeward::test {

/// What four runs and some other transitions write to a store, mixed, drawn from a seed; and what of it was
/// acknowledged. The store is looked at, closed and opened again on the way, and runs are cleared after their end.
///
/// One of the runs is written in groups: its transitions are committed together with others, and in every other group
/// one is refused.
class Workload {
 public:
  enum class Values : std::uint8_t {
    small,
    large,  ///< so that the log is moved to the file while the runs go on
  };
  Workload(std::uint64_t seed, Values values);

  /// Goes on, on the store at that place, from what is known to be in it: until all is done, or something is refused.
  /// The error, if it was.
  [[nodiscard]] Status run(const SqliteDb::Options& store);
  /// Whether what the store holds now is what was acknowledged, or that and what was on its way; in words, what is
  /// wrong. REQUIRES: the store can be opened. From here on all that it holds counts as acknowledged.
  [[nodiscard]] std::vector<std::string> compare(const SqliteDb::Options& store);
  [[nodiscard]] std::size_t acknowledged() const;

 private:
  struct Run {
    std::shared_ptr<const RunInfo> info;
    std::vector<Event> events;
    std::vector<std::size_t> batch_ends;
    bool begun = false;
    bool begin_was_tried = false;
    std::size_t acknowledged = 0;
    std::size_t tried = 0;  ///< of these it may hold all or none that are not acknowledged
  };
  struct Call {
    std::string body;
    bool acknowledged = false;
  };
  /// The events of the next batch; none: all are recorded.
  [[nodiscard]] static std::span<const Event> next_batch(Run& run);
  struct Step {
    enum class Kind : std::uint8_t { begin, append, group, call, look, restart } kind;
    std::size_t which = 0;
  };
  /// Transitions that were given to the writer together, and what each was told.
  class Group;
  void write_run(std::size_t number, std::uint64_t seed, Values values);
  [[nodiscard]] Status open(const SqliteDb::Options& options, std::unique_ptr<SqliteStore>& store);
  [[nodiscard]] Status take(const Step& step, SqliteStore& store);
  [[nodiscard]] Status append(Run& run, SqliteStore& store);
  /// The next batch of the run that is written in groups, together with two calls, and perhaps one that is refused.
  [[nodiscard]] Status append_in_group(std::size_t number, SqliteStore& store);
  [[nodiscard]] Status record(std::size_t call, SqliteStore& store);
  /// What is there of the run while the store is open.
  [[nodiscard]] Status look(const Run& run, const SqliteStore& store);
  void compare_run(Run& run, const SqliteStore& store, std::vector<std::string>& wrong);
  void compare_calls(SqliteStore& store, std::vector<std::string>& wrong);

  std::shared_ptr<const Dag> dag_;
  std::vector<Run> runs_;
  std::vector<Call> calls_;
  std::vector<Step> steps_;
  std::size_t next_step_ = 0;
  std::vector<std::string> complaints_;  ///< since the last compare()
};

}  // namespace leeward::test
