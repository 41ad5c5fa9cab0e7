#include "core/exec/thread_pool_executor.hpp"

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_operator.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;

namespace {

/// An executor of one scripted operator, and all it needs.
struct Bench {
  ScriptedOperator op;
  SingleOperatorSource source{op};
  RecordingListener listener;
  SystemClock clock;
  std::shared_ptr<const Dag> dag = dag_of("a");
  std::shared_ptr<const RunInfo> run = std::make_shared<const RunInfo>();
  ThreadPoolExecutor executor;

  explicit Bench(ScriptedOperator::Body body, OperatorTraits traits = {}, std::size_t max_threads = 4)
      : op(with(traits), std::move(body)), executor(source, listener, clock, {max_threads, 5s}) {}

  static OperatorInfo with(OperatorTraits traits) {
    OperatorInfo info = scripted_info();
    info.traits = traits;
    return info;
  }

  void start(std::uint32_t instance) {
    TaskCall call;
    call.run = run;
    call.task = &dag->task(TaskIndex{0});
    call.instance = InstanceIndex{instance};
    executor.start(std::move(call));
  }

  std::vector<Completion> wait_for(std::size_t count) {
    std::vector<Completion> ended;
    while (ended.size() < count) executor.wait(std::nullopt, ended);
    return ended;
  }
};

OperatorTraits inline_traits() {
  OperatorTraits traits;
  traits.inline_execution = true;
  return traits;
}

}  // namespace

TEST_CASE("The executor hands back every attempt's outcome once", "[exec]") {
  Bench bench([](const std::shared_ptr<Attempt>& attempt) {
    attempt->complete(TaskOutcome::succeeded(Value{std::to_string(attempt->call().instance.value)}));
  });
  for (std::uint32_t i = 0; i < 100; ++i) bench.start(i);
  std::set<std::string> values;
  for (const Completion& c : bench.wait_for(100)) {
    CHECK(c.outcome.value.json() == std::to_string(c.instance.value));
    values.emplace(c.outcome.value.json());
  }
  CHECK(values.size() == 100);
  CHECK(bench.executor.threads() <= 4);
}

TEST_CASE("An inline operator runs on the caller's thread, inside start", "[exec]") {
  std::thread::id ran_on;
  Bench bench(
      [&](const std::shared_ptr<Attempt>& attempt) {
        ran_on = std::this_thread::get_id();
        attempt->complete({});
      },
      inline_traits());
  bench.start(0);
  CHECK(ran_on == std::this_thread::get_id());
  CHECK(bench.wait_for(1).size() == 1);
  CHECK(bench.executor.threads() == 0);
}

TEST_CASE("Blocking operators run side by side, up to the limit of threads", "[exec]") {
  std::promise<void> both_in;
  std::atomic<int> inside{0};
  auto go = both_in.get_future().share();
  Bench bench(
      [&](const std::shared_ptr<Attempt>& attempt) {
        if (++inside == 2) both_in.set_value();
        go.wait();
        attempt->complete({});
      },
      {}, 2);
  for (std::uint32_t i = 0; i < 3; ++i) bench.start(i);
  CHECK(bench.wait_for(3).size() == 3);
  CHECK(bench.executor.threads() == 2);
}

TEST_CASE("Asynchronous attempts start though every thread for blocking ones is taken", "[exec]") {
  std::promise<void> let_go;
  const auto go = let_go.get_future().share();
  OperatorTraits async;
  async.async = true;
  ScriptedOperator blocking(Bench::with({}), [go](const std::shared_ptr<Attempt>& attempt) {
    go.wait();
    attempt->complete({});
  });
  ScriptedOperator prompt(Bench::with(async), [](const std::shared_ptr<Attempt>& attempt) { attempt->complete({}); });
  struct Source final : OperatorSource {
    Operator* next = nullptr;
    [[nodiscard]] Operator& operator_of(const OperatorInfo&) override { return *next; }
  } source;
  RecordingListener listener;
  const SystemClock clock;
  ThreadPoolExecutor executor(source, listener, clock, {2, 5s});
  const auto dag = dag_of("a");
  const auto start = [&](Operator& op, std::uint32_t instance) {
    source.next = &op;
    TaskCall call;
    call.task = &dag->task(TaskIndex{0});
    call.instance = InstanceIndex{instance};
    executor.start(std::move(call));
  };
  CHECK(executor.free_threads() == 2);
  start(blocking, 0);
  start(blocking, 1);
  CHECK(executor.free_threads() == 0);
  start(prompt, 2);
  std::vector<Completion> ended;
  while (ended.empty()) executor.wait(std::nullopt, ended);
  CHECK(ended.front().instance == InstanceIndex{2});
  CHECK(executor.free_threads() == 0);
  let_go.set_value();
  while (ended.size() < 3) executor.wait(std::nullopt, ended);
  CHECK(executor.free_threads() == 2);
}

TEST_CASE("An asynchronous attempt holds no thread and may end on any", "[exec]") {
  std::mutex mutex;
  std::vector<std::shared_ptr<Attempt>> held;
  std::promise<void> all_held;
  OperatorTraits traits;
  traits.async = true;
  Bench bench(
      [&](std::shared_ptr<Attempt> attempt) {
        const std::lock_guard lock(mutex);
        held.push_back(std::move(attempt));
        if (held.size() == 50) all_held.set_value();
      },
      traits, 1);
  for (std::uint32_t i = 0; i < 50; ++i) bench.start(i);
  all_held.get_future().wait();
  std::thread other([&] {
    for (const auto& attempt : held) attempt->complete({});
  });
  CHECK(bench.wait_for(50).size() == 50);
  other.join();
}

TEST_CASE("An attempt that is deferred says so before it ends, and once it has ended never", "[exec]") {
  std::shared_ptr<Attempt> held;
  OperatorTraits traits;
  traits.async = GENERATE(true, false);
  traits.inline_execution = GENERATE(true, false);
  Bench bench(
      [&](std::shared_ptr<Attempt> attempt) {
        held = attempt;
        attempt->defer(false);
        attempt->defer(false);
      },
      traits);
  bench.start(7);
  const auto news = bench.wait_for(1);
  REQUIRE(news.size() == 1);
  CHECK(news[0].outcome.kind == OutcomeKind::deferred);
  CHECK(news[0].instance == InstanceIndex{7});
  CHECK(bench.executor.free_threads() == 4);
  held->complete({});
  CHECK(bench.wait_for(1)[0].outcome.kind == OutcomeKind::success);
  held->defer(false);
  std::vector<Completion> more;
  bench.executor.wait(Instant{}, more);
  CHECK(more.empty());
  CHECK(bench.executor.free_threads() == 4);
}

TEST_CASE("An attempt that ends on another thread while it is being deferred says nothing of that after its end",
          "[exec]") {
  constexpr std::uint32_t kAttempts = 500;
  std::mutex mutex;
  std::vector<std::shared_ptr<Attempt>> held;
  OperatorTraits traits;
  traits.async = true;
  Bench bench(
      [&](std::shared_ptr<Attempt> attempt) {
        const bool late = attempt->call().instance.value % 2 == 0;
        if (late) attempt->defer(false);
        {
          const std::lock_guard lock(mutex);
          held.push_back(attempt);
        }
        if (!late) attempt->defer(false);
      },
      traits);
  for (std::uint32_t i = 0; i < kAttempts; ++i) bench.start(i);
  std::set<std::uint32_t> ended;
  std::vector<Completion> heard;
  std::atomic<bool> stop{false};
  const auto end_what_is_held = [&] {
    std::vector<std::shared_ptr<Attempt>> taken;
    const std::lock_guard lock(mutex);
    taken.swap(held);
    for (const auto& attempt : taken) attempt->complete({});
  };
  std::thread other([&] {
    while (!stop) end_what_is_held();
  });
  while (ended.size() < kAttempts) {
    end_what_is_held();  // on the engine's own thread too
    heard.clear();
    bench.executor.wait(Instant{}, heard);
    for (const Completion& completion : heard) {
      CHECK(ended.count(completion.instance.value) == 0);
      if (completion.outcome.kind != OutcomeKind::deferred) ended.insert(completion.instance.value);
    }
  }
  stop = true;
  other.join();
}

TEST_CASE("A second end of an attempt is ignored, and said", "[exec]") {
  Bench bench(
      [](const std::shared_ptr<Attempt>& attempt) {
        attempt->complete(TaskOutcome::succeeded(Value{"1"}));
        attempt->complete(TaskOutcome::succeeded(Value{"2"}));
      },
      inline_traits());
  bench.start(0);
  const auto ended = bench.wait_for(1);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].outcome.value.json() == "1");
  CHECK(bench.listener.lines().size() == 1);
}

TEST_CASE("An attempt that its operator forgets, or throws out of, fails", "[exec]") {
  const bool inline_execution = GENERATE(true, false);
  OperatorTraits traits;
  traits.inline_execution = inline_execution;
  SECTION("forgotten") {
    Bench bench([](const std::shared_ptr<Attempt>&) {}, traits);
    bench.start(0);
    CHECK(bench.wait_for(1)[0].outcome.error->code == "operator.no_result");
  }
  SECTION("thrown out of") {
    Bench bench([](const std::shared_ptr<Attempt>&) { throw std::runtime_error("boom"); }, traits);
    bench.start(0);
    const auto ended = bench.wait_for(1);
    CHECK(ended[0].outcome.error->code == "operator.exception");
    CHECK(ended[0].outcome.error->message.find("boom") != std::string::npos);
  }
}

TEST_CASE("Cancelling reaches a running attempt, and one that is unknown is nobody's business", "[exec]") {
  std::promise<void> started;
  Bench bench([&](const std::shared_ptr<Attempt>& attempt) {
    // The callback holds the attempt that owns the token: the executor has to break the circle.
    attempt->cancel_token().on_cancel([attempt] {
      TaskOutcome outcome;
      outcome.kind = OutcomeKind::canceled;
      attempt->complete(std::move(outcome));
    });
    started.set_value();
  });
  bench.start(7);
  started.get_future().wait();
  bench.executor.cancel(InstanceIndex{8}, 1);
  bench.executor.cancel(InstanceIndex{7}, 2);
  bench.executor.cancel(InstanceIndex{7}, 1);
  const auto ended = bench.wait_for(1);
  CHECK(ended[0].outcome.kind == OutcomeKind::canceled);
  bench.executor.cancel(InstanceIndex{7}, 1);
}

TEST_CASE("An interrupt ends a wait, also one that comes before it", "[exec]") {
  Bench bench([](const std::shared_ptr<Attempt>&) {});
  std::vector<Completion> ended;
  bench.executor.interrupt();
  bench.executor.wait(std::nullopt, ended);
  CHECK(ended.empty());
  std::thread other([&] { bench.executor.interrupt(); });
  bench.executor.wait(std::nullopt, ended);
  CHECK(ended.empty());
  other.join();
}

TEST_CASE("A wait ends at its deadline", "[exec]") {
  Bench bench([](const std::shared_ptr<Attempt>&) {});
  std::vector<Completion> ended;
  const Instant deadline = bench.clock.now() + 2ms;
  bench.executor.wait(deadline, ended);
  CHECK(bench.clock.now() >= deadline);
  bench.executor.wait(Instant{}, ended);
  CHECK(ended.empty());
}

TEST_CASE("An attempt may end after its executor is gone", "[exec]") {
  std::shared_ptr<Attempt> held;
  std::promise<void> is_held;
  {
    Bench bench([&](std::shared_ptr<Attempt> attempt) {
      held = std::move(attempt);
      is_held.set_value();
    });
    bench.start(0);
    is_held.get_future().wait();
  }
  CHECK(held->cancel_token().cancelled());
  held->complete({});
}
