#pragma once

#include <span>

#include "core/model/dag.hpp"
#include "core/model/event.hpp"
#include "core/model/run_record.hpp"

namespace leeward {

/// Reads events after they are recorded. Called on the engine's thread, in order, in batches; must not block and must
/// not call back into the engine.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) = 0;
};

}  // namespace leeward
