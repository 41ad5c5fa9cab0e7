#include "tests/support/simulated_executor.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/assert.hpp"

namespace leeward::test {
namespace {

Completion deferral(const TaskCall& call, bool idle) {
  Completion completion{call.instance, call.try_number, {}, idle};
  completion.outcome.kind = OutcomeKind::deferred;
  return completion;
}

}  // namespace

SimulatedExecutor::SimulatedExecutor(FakeClock& clock, Script script, std::optional<std::uint64_t> seed)
    : clock_(clock), script_(std::move(script)) {
  if (seed) random_.emplace(*seed);
}

void SimulatedExecutor::at(Duration since_start, std::function<void()> action) {
  actions_.push_back({Instant{since_start}, std::move(action)});
}

void SimulatedExecutor::start(TaskCall call) {
  Step step = script_(call);
  if (step.defers) pending_.push_back({clock_.now(), deferral(call, step.idles), true});
  Pending pending;
  if (!step.never_ends) pending.due = clock_.now() + step.takes;
  pending.completion = {call.instance, call.try_number, std::move(step.outcome)};
  pending.ignores_cancel = step.ignores_cancel;
  pending_.push_back(std::move(pending));
  started_.push_back(std::move(call));
}

void SimulatedExecutor::cancel(InstanceIndex instance, int try_number) {
  for (Pending& pending : pending_) {
    const Completion& c = pending.completion;
    if (c.instance != instance || c.try_number != try_number || pending.ignores_cancel) continue;
    pending.due = clock_.now();
    pending.completion.outcome = {};
    pending.completion.outcome.kind = OutcomeKind::canceled;
  }
}

void SimulatedExecutor::wait(std::optional<Instant> deadline, std::vector<Completion>& out) {
  std::optional<Instant> until = next();
  if (deadline && (!until || *deadline < *until)) until = deadline;
  if (std::exchange(interrupted_, false)) until = clock_.now();
  LW_ASSERT(until, "a simulated run waits for something that will happen");
  if (*until > clock_.now()) clock_.advance(*until - clock_.now());
  run_actions();
  deliver(out);
}

std::optional<Instant> SimulatedExecutor::next() const {
  std::optional<Instant> next;
  const auto consider = [&](Instant due) {
    if (!next || due < *next) next = due;
  };
  for (const Pending& pending : pending_) {
    if (pending.due) consider(*pending.due);
  }
  for (const Action& action : actions_) consider(action.due);
  return next;
}

void SimulatedExecutor::run_actions() {
  std::vector<Action> due;
  std::vector<Action> later;
  for (Action& action : actions_) (action.due <= clock_.now() ? due : later).push_back(std::move(action));
  actions_ = std::move(later);
  for (const Action& action : due) action.run();
}

void SimulatedExecutor::deliver(std::vector<Completion>& out) {
  const auto is_due = [now = clock_.now()](const Pending& p) { return p.due && *p.due <= now; };
  std::vector<Completion> ended;
  for (Pending& pending : pending_) {
    if (is_due(pending)) ended.push_back(std::move(pending.completion));
  }
  std::erase_if(pending_, is_due);
  if (random_) std::shuffle(ended.begin(), ended.end(), *random_);
  out.insert(out.end(), std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end()));
}

}  // namespace leeward::test
