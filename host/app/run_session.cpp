#include "host/app/run_session.hpp"

#include <utility>

namespace leeward {
namespace {

RunEngine::Options options_with(const RunSession::Shared& shared) {
  RunEngine::Options options;
  options.pools = &shared.pools;
  options.suspend_grace = shared.suspend_grace;
  return options;
}

std::optional<ListenerPair> pair_of(AttemptListener& listener, AttemptLog* log) {
  if (log == nullptr) return std::nullopt;
  return ListenerPair{listener, *log};
}

std::vector<Observer*> with(std::vector<Observer*> observers, AttemptLog* log) {
  if (log != nullptr) observers.push_back(log);
  return observers;
}

}  // namespace

RunSession::RunSession(Subject subject, const Shared& shared, AttemptListener& listener,
                       std::vector<Observer*> observers)
    : subject_(std::move(subject)),
      shared_(shared),
      operators_(shared.operators, shared.vault, shared.grants.params_of(*subject_.dag)),
      listeners_(pair_of(listener, shared.attempt_log)),
      executor_(operators_, listeners_ ? *listeners_ : listener, shared.clock),
      engine_(subject_.dag, subject_.info, shared.clock, executor_, shared.store,
              with(std::move(observers), shared.attempt_log), options_with(shared)) {
  shared_.active.enter(info().run_id, subject_.place, engine_);
}

Result<RunState> RunSession::run() {
  if (shared_.attempt_log != nullptr) shared_.attempt_log->run_begins(info());
  Result<RunState> ended = subject_.so_far ? engine_.resume(*subject_.so_far) : engine_.run();
  left();
  return ended;
}

Result<RunState> RunSession::go_on() {
  Result<RunState> ended = engine_.go_on();
  left();
  return ended;
}

void RunSession::left() {
  if (engine_.rests()) return;
  if (shared_.attempt_log != nullptr) shared_.attempt_log->run_ended(info());
  shared_.active.leave(info().run_id);
}

RunSession::~RunSession() { shared_.active.leave(info().run_id); }

}  // namespace leeward
