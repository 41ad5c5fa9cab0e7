#include <chrono>
#include <malloc.h>
#include <optional>
#include <string>

#include "core/base/assert.hpp"
#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/bench/no_op.hpp"
#include "tests/bench/subject.hpp"

namespace leeward::bench {
namespace {

using Steady = std::chrono::steady_clock;

double ns_between(Steady::time_point from, Steady::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

class CountingObserver final : public Observer {
 public:
  void on_events(const RunInfo&, const Dag&, std::span<const Event> events) override { count_ += events.size(); }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

}  // namespace

Measured run_engine_once(const Shape& shape) {
  NoOp op;
  OneSource source(op);
  DeafListener listener;
  SystemClock clock;
  CountingObserver observer;
  auto info = std::make_shared<RunInfo>();
  info->run_id = "bench";
  info->dag_id = shape.name;

  Measured measured;
  const std::size_t before = heap_bytes();
  const auto start = Steady::now();
  std::shared_ptr<const Dag> dag = dag_of_shape(shape, op.info());
  const auto built = Steady::now();
  auto store = std::make_unique<MemoryRunStore>();
  std::optional<ThreadPoolExecutor> executor(std::in_place, source, listener, clock);
  std::optional<RunEngine> engine(std::in_place, dag, info, clock, *executor, *store, std::vector<Observer*>{&observer},
                                  RunEngine::Options{});
  const auto ended = engine->run();
  const auto ran = Steady::now();
  LW_ASSERT(ended && *ended == RunState::success, "a run of no-ops succeeds");
  LW_ASSERT(observer.count() == 4 * std::size_t{shape.size} + 2, "every transition is an event");
  measured.bytes = heap_bytes() - before;
  const auto destroying = Steady::now();
  engine.reset();
  executor.reset();
  store.reset();
  dag.reset();
  const auto destroyed = Steady::now();
  measured.build_ns = ns_between(start, built);
  measured.run_ns = ns_between(built, ran);
  measured.destroy_ns = ns_between(destroying, destroyed);
  return measured;
}

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace leeward::bench
