#include "core/engine/run_engine.hpp"

#include <utility>

#include "core/engine/run_loop.hpp"

namespace leeward {

struct RunEngine::Impl {
  RunLoop loop;
};

RunEngine::RunEngine(std::shared_ptr<const Dag> dag, std::shared_ptr<const RunInfo> run, const Clock& clock,
                     Executor& executor, RunStore& store, std::vector<Observer*> observers, Options options)
    : impl_(new Impl{{std::move(dag), std::move(run), clock, executor, store, std::move(observers), options}}) {}

RunEngine::~RunEngine() = default;

Result<RunState> RunEngine::run() { return impl_->loop.run(); }

Result<RunState> RunEngine::resume(std::span<const Event> so_far) { return impl_->loop.resume(so_far); }

void RunEngine::make_way() { impl_->loop.make_way(); }

bool RunEngine::rests() const noexcept { return impl_->loop.rests(); }

std::optional<Instant> RunEngine::wakes_at() const { return impl_->loop.wakes_at(); }

Result<RunState> RunEngine::go_on() { return impl_->loop.go_on(); }

void RunEngine::suspend() { impl_->loop.suspend(); }

void RunEngine::cancel() { impl_->loop.cancel(); }

void RunEngine::answer(std::string task_id, int map_index, Value said, std::string user,
                       std::function<void(Status)> told) {
  impl_->loop.answer({std::move(task_id), map_index, std::move(said), std::move(user), std::move(told)});
}

}  // namespace leeward
