// What becomes of operators of the host that a plugin in a runner has called, when the runner dies.

#include <future>

#include <catch2/catch.hpp>

#include "tests/host/runner/runner_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// A blocking operator of the host, which ends when the test lets it.
class Slow {
 public:
  Slow() {
    OperatorInfo info;
    info.name = "slow";
    info.plugin = "host";
    op_.emplace(info, [this](std::shared_ptr<Attempt> attempt) {
      attempt_ = attempt;
      attempt->cancel_token().on_cancel([this] { asked_to_stop_.set_value(); });
      started_.set_value();
      may_end_.get_future().wait();
      attempt->cancel_token().on_cancel(nullptr);
      static_cast<void>(attempt->listener().on_output(attempt->call(), "text", "late"));
      attempt->listener().on_log(attempt->call(), LogLevel::info, "late", {});
      task_id_ = attempt->call().task == nullptr ? "" : attempt->call().task->id;
      attempt_.reset();
      attempt->complete(TaskOutcome::succeeded(Value{"1"}));
      ended_.set_value();
    });
  }
  Operator* op() { return &*op_; }
  void wait_for_start() { started_.get_future().wait(); }
  void wait_until_asked_to_stop() { asked_to_stop_.get_future().wait(); }
  void let_end() { may_end_.set_value(); }
  void wait_for_end() { ended_.get_future().wait(); }
  [[nodiscard]] const std::string& task_id() const { return task_id_; }

 private:
  std::promise<void> started_;
  std::promise<void> asked_to_stop_;
  std::promise<void> may_end_;
  std::promise<void> ended_;
  std::shared_ptr<Attempt> attempt_;
  std::string task_id_;
  std::optional<ScriptedOperator> op_;
};

constexpr const char* kCallsSlow = R"({"name": "slow", "params": {}})";

}  // namespace

TEST_CASE("An attempt of a dead runner ends when the operator that it called has ended", "[host][runner]") {
  Slow slow;
  RunnerFixture host;
  host.operators["slow"] = slow.op();
  const auto calling = host.start(RunnerFixture::caller, kCallsSlow);
  slow.wait_for_start();
  const TaskOutcome beside = host.doing("abort");
  CHECK(beside.error->code == "plugin.crashed");
  slow.wait_until_asked_to_stop();
  CHECK_FALSE(calling->ended());  // else its next try would run beside what the last one has started
  slow.let_end();
  CHECK(calling->wait().error->code == "plugin.crashed");
  slow.wait_for_end();
  CHECK(host.doing("nothing").kind == OutcomeKind::success);
}

TEST_CASE("An operator that outlives its caller and the grace speaks to nobody", "[host][runner]") {
  Slow slow;
  RunnerProcess::Options options = RunnerFixture::usual();
  options.callee_grace = std::chrono::milliseconds{1};
  RunnerFixture host{options};
  host.operators["slow"] = slow.op();
  auto listener = std::make_unique<RecordingListener>();
  auto task = std::make_unique<Task>();
  task->id = "naughty";
  TaskCall call = RecordingAttempt::call_of(kCallsSlow);
  call.task = task.get();
  const auto calling = host.start(RunnerFixture::caller, std::make_shared<RecordingAttempt>(*listener, call));
  slow.wait_for_start();
  host.doing("abort");
  CHECK(calling->wait().error->code == "plugin.crashed");
  // The run may end now, and takes them along.
  listener.reset();
  task.reset();
  slow.let_end();
  slow.wait_for_end();
  CHECK(slow.task_id() == "naughty");
}

TEST_CASE("Attempts that wait for a runner that cannot live end when it is given up", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.operators = 7;  // more than it says that it has: it breaks the protocol as soon as it is ready
  RunnerFixture host{options};
  const TaskOutcome outcome = host.doing("nothing");
  CHECK(outcome.kind == OutcomeKind::failed);
  CHECK(outcome.error->code == "plugin.quarantined");
}
