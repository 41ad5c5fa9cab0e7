#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/exec/operator.hpp"
#include "core/model/run_record.hpp"
#include "core/store/run_store.hpp"

namespace leeward {

/// A run that another run asks for.
struct RunTrigger {
  std::string dag;                  ///< a file beside the asking run's, or a dag_id
  Value conf{std::string{"{}"}};    ///< an object
  Value params{std::string{"{}"}};  ///< an object; wins over `conf`
  std::optional<Timestamp> logical_date;
  std::string run_id;  ///< empty: a new one
  bool wait = false;   ///< to be told when it has ended, not when it is accepted
};

/// What became of it.
struct TriggeredRun {
  std::string run_id;
  std::string dag_id;
  RunState state = RunState::queued;
};

/// Which run, and what of it.
struct RunStatesQuery {
  std::string run_id;  ///< empty: the run of `dag_id` at `logical_date`
  std::string dag_id;
  Timestamp logical_date;
  std::vector<std::string> task_ids;
};

/// Where a run and its tasks stand.
struct RunStates {
  std::string run_id;
  RunState state = RunState::queued;
  std::vector<std::pair<std::string, std::vector<TaskState>>> tasks;  ///< as asked; a state an instance, by map index
};

/// What tasks may do with the other runs of their host. Thread-safe; outlives every task.
class RunGateway {
 public:
  using Told = std::function<void(Result<TriggeredRun>)>;

  virtual ~RunGateway() = default;
  /// `told` is called once, on any thread, perhaps before this returns; the codes of its errors stand in
  /// leeward/ext/run.h. Where the trigger waits, cancelling `cancel` cancels the run, and `told` still follows. May
  /// read files.
  virtual void trigger(const TaskCall& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) = 0;
  /// How a run went, or is going; nothing if there is no such run. May wait for the store.
  [[nodiscard]] virtual Result<std::optional<RunStates>> states(const TaskCall& by,
                                                                const RunStatesQuery& query) const = 0;
};

/// What a store knows of it.
[[nodiscard]] Result<std::optional<RunStates>> states_in(const RunStore& store, const RunStatesQuery& query);

}  // namespace leeward
