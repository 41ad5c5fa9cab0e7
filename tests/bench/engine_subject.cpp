#include <chrono>
#include <malloc.h>
#include <optional>
#include <string>

#include "core/base/assert.hpp"
#include "core/engine/run_engine.hpp"
#include "core/exec/thread_pool_executor.hpp"
#include "core/store/memory_run_store.hpp"
#include "tests/bench/subject.hpp"

namespace leeward::bench {
namespace {

using Steady = std::chrono::steady_clock;

double ns_between(Steady::time_point from, Steady::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

class NoOp final : public Operator {
 public:
  NoOp() {
    info_.name = "no_op";
    info_.traits.inline_execution = true;
  }
  [[nodiscard]] const OperatorInfo& info() const noexcept override { return info_; }
  void execute(std::shared_ptr<Attempt> attempt) override { attempt->complete({}); }

 private:
  OperatorInfo info_;
};

class OneSource final : public OperatorSource {
 public:
  explicit OneSource(Operator& op) : op_(op) {}
  [[nodiscard]] Operator& operator_of(const OperatorInfo&) override { return op_; }

 private:
  Operator& op_;
};

class DeafListener final : public AttemptListener {
 public:
  void on_log(const TaskCall&, LogLevel, std::string_view, std::string_view) override {}
  void on_progress(const TaskCall&, double, std::string_view) override {}
  bool on_output(const TaskCall&, std::string_view, std::string_view) override { return true; }
};

class CountingObserver final : public Observer {
 public:
  void on_events(const RunInfo&, const Dag&, std::span<const Event> events) override { count_ += events.size(); }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 0;
};

std::shared_ptr<const Dag> build(const Shape& shape, const OperatorInfo& op) {
  std::vector<Task> tasks(shape.size);
  for (std::uint32_t i = 0; i < shape.size; ++i) {
    tasks[i].id = "t" + std::to_string(i);
    tasks[i].op = &op;
    tasks[i].with.json_after = "{}";
  }
  std::vector<Dag::Edge> edges;
  edges.reserve(shape.edges.size());
  for (const auto& [from, to] : shape.edges) edges.push_back({TaskIndex{from}, TaskIndex{to}});
  Dag::Header header;
  header.id = shape.name;
  return std::make_shared<const Dag>(std::move(header), std::move(tasks), edges);
}

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
  std::shared_ptr<const Dag> dag = build(shape, op.info());
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
