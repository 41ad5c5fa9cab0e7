#include <utility>

#include "host/app/run_session.hpp"

namespace leeward {
namespace {

RunEngine::Options options_with(const RunSession::Shared& shared) {
  RunEngine::Options options;
  options.pools = &shared.pools;
  options.suspend_grace = shared.suspend_grace;
  return options;
}

}  // namespace

RunSession::RunSession(Subject subject, const Shared& shared, AttemptListener& listener,
                       std::vector<Observer*> observers)
    : subject_(std::move(subject)),
      shared_(shared),
      operators_(shared.operators, shared.vault, shared.grants.params_of(*subject_.dag)),
      executor_(operators_, listener, shared.clock),
      engine_(subject_.dag, subject_.info, shared.clock, executor_, shared.store, std::move(observers),
              options_with(shared)) {
  shared_.active.enter(info().run_id, subject_.place, engine_);
}

Result<RunState> RunSession::run() {
  Result<RunState> ended = subject_.so_far ? engine_.resume(*subject_.so_far) : engine_.run();
  shared_.active.leave(info().run_id);
  return ended;
}

RunSession::~RunSession() { shared_.active.leave(info().run_id); }

}  // namespace leeward
