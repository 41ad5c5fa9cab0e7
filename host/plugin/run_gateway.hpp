#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/value.hpp"
#include "core/exec/cancel_token.hpp"
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

/// What tasks may do with the other runs of their host. Thread-safe; outlives every task.
class RunGateway {
 public:
  using Told = std::function<void(Result<TriggeredRun>)>;

  virtual ~RunGateway() = default;
  /// `told` is called once, on any thread, perhaps before this returns; the codes of its errors stand in
  /// leeward/ext/run.h. Where the trigger waits, cancelling `cancel` cancels the run, and `told` still follows. May
  /// read files.
  virtual void trigger(const RunInfo& by, RunTrigger run, std::shared_ptr<CancelToken> cancel, Told told) = 0;
  /// Where all runs of this host are recorded.
  [[nodiscard]] virtual const RunStore& store() const = 0;
};

}  // namespace leeward
