#pragma once

#include <span>
#include <string_view>

#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"
#include "core/model/task_outcome.hpp"

namespace leeward {

/// Reads events after they are recorded. Called on the engine's thread, in order, in batches; must not block and must
/// not call back into the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) = 0;
  /// A notifier failed, which changes nothing but is worth a word. `task_id`: whose it is; empty for the DAG's own.
  virtual void on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                                  const TaskError& error) {
    static_cast<void>(run), static_cast<void>(task_id), static_cast<void>(moment), static_cast<void>(error);
  }
};

}  // namespace leeward
