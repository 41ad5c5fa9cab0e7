#include "host/app/run_session.hpp"

#include <utility>

namespace leeward {
namespace {

RunEngine::Options options_with(PoolTable& pools) {
  RunEngine::Options options;
  options.pools = &pools;
  return options;
}

}  // namespace

RunSession::RunSession(std::shared_ptr<const Dag> dag, RunInfo info, ActiveRuns::Place place, const Shared& shared,
                       AttemptListener& listener, std::vector<Observer*> observers)
    : run_(std::make_shared<const RunInfo>(std::move(info))),
      shared_(shared),
      executor_(shared.operators, listener, shared.clock),
      engine_(std::move(dag), run_, shared.clock, executor_, shared.store, std::move(observers),
              options_with(shared.pools)) {
  shared_.active.enter(run_->run_id, std::move(place), engine_);
}

Result<RunState> RunSession::run() {
  Result<RunState> ended = engine_.run();
  shared_.active.leave(run_->run_id);
  return ended;
}

RunSession::~RunSession() { shared_.active.leave(run_->run_id); }

}  // namespace leeward
