#include "host/runner/service_desk.hpp"

#include <future>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/socket.h>

#include "host/plugin/nested_attempt.hpp"
#include "host/runner/messages.hpp"
#include "tests/host/plugin/host_fixture.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// Questions about runs that are answered when the test lets them.
class WaitingRuns final : public RunGateway {
 public:
  void trigger(const TaskCall&, RunTrigger run, std::shared_ptr<CancelToken>, Told told) override {
    told(TriggeredRun{"run-2", run.dag, RunState::queued});
  }
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall&, const RunStatesQuery&) const override {
    ++asked;
    gate.wait();
    return std::optional<RunStates>{};
  }
  mutable std::atomic<int> asked{0};
  std::promise<void> open;
  std::shared_future<void> gate = open.get_future().share();
};

/// One plugin's desk, and the runner's end of its channel.
class Desk : private FrameChannel::Reader {
 public:
  /// With two attempts: 1 is a task's own, 2 was called by another operator.
  explicit Desk(const ServiceContext& services) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("no sockets");
    channel_ = std::make_shared<FrameChannel>(UniqueFd{ends[0]});
    other_.emplace(UniqueFd{ends[1]});
    grants_.plugin = "guest";
    grants_.calls = {"outer", "inner"};
    desk_ = std::make_shared<ServiceDesk>(services, grants_, lanes_, attempts_, channel_);
    attempts_.open(channel_);
    for (const int depth : {0, 1}) attempts_.start(0, info_, std::make_shared<Caller>(listener_, depth));
  }
  ~Desk() override { desk_->close(); }

  /// Attempt 1 asks about a run.
  bool ask_states(std::uint64_t id) {
    WireWriter out;
    out.number(std::uint64_t{1});
    write_query(out, {"run-1", {}, {}, {}});
    return desk_->on_frame(FrameType::ask_states, id, WireReader{std::make_shared<const std::string>(out.take())});
  }
  bool call(std::uint64_t id, const std::string& name, std::uint64_t by = 1) {
    WireWriter out;
    out.number(by);
    write_callee(out, {false, name, Value{std::string{"{}"}}});
    return desk_->on_frame(FrameType::call, id, WireReader{std::make_shared<const std::string>(out.take())});
  }
  ServiceDesk& desk() { return *desk_; }
  void wait_while_at_work() {
    while (true) {
      const std::uint64_t ends = desk_->ends();
      if (!desk_->at_work_for(1) && !desk_->at_work_for(2)) return;
      desk_->wait_for_more(ends, ServiceDesk::Time::max());
    }
  }
  /// What has arrived at the runner's end up to now.
  std::size_t replies() {
    while (channel_->backlog() > 0 && channel_->flush()) static_cast<void>(other_->receive(*this));
    static_cast<void>(other_->receive(*this));
    return replies_;
  }

 private:
  class Caller final : public NestedAttempt {
   public:
    Caller(AttemptListener& listener, int depth)
        : NestedAttempt(RecordingAttempt::call_of("{}"), std::make_shared<CancelToken>(), listener, depth) {}
    void complete(TaskOutcome) override {}
  };
  bool on_frame(Frame frame) override {
    replies_ += frame.header.type == FrameType::reply ? 1 : 0;
    return true;
  }

  CallGrants grants_;
  RecordingListener listener_;
  OperatorInfo info_;
  RemoteAttempts attempts_{std::chrono::seconds{5}, [] {}};
  CalleeLanes lanes_;
  std::shared_ptr<FrameChannel> channel_;
  std::optional<FrameChannel> other_;
  std::shared_ptr<ServiceDesk> desk_;
  std::size_t replies_ = 0;
};

OperatorInfo blocking(const std::string& name) {
  OperatorInfo info;
  info.name = name;
  info.plugin = "host";
  return info;
}

}  // namespace

TEST_CASE("A runner has only so many questions about runs under way", "[host][runner]") {
  constexpr std::uint64_t kMost = 65536;
  HostFixture host;
  WaitingRuns runs;
  host.services.runs = &runs;
  Desk desk{host.services};
  std::uint64_t well_formed = 0;
  for (std::uint64_t id = 1; id <= kMost + 3; ++id) well_formed += desk.ask_states(id) ? 1 : 0;
  CHECK(well_formed == kMost + 3);
  CHECK(desk.replies() == 3);       // refusals
  CHECK_FALSE(desk.ask_states(1));  // it is under way
  desk.desk().close();
  runs.open.set_value();
  CHECK(runs.asked < 10);  // what waited for its turn was forgotten
}

TEST_CASE("Blocking operators that one plugin calls keep no other plugin's waiting", "[host][runner]") {
  HostFixture host;
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::promise<void> done;
  ScriptedOperator outer{blocking("outer"), [gate](const std::shared_ptr<Attempt>& attempt) {
                           gate.wait();
                           attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                         }};
  ScriptedOperator inner{blocking("inner"), [&done](const std::shared_ptr<Attempt>& attempt) {
                           attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                           done.set_value();
                         }};
  host.operators = {{"outer", &outer}, {"inner", &inner}};
  Desk greedy{host.services};
  Desk other{host.services};
  for (std::uint64_t id = 1; id <= 100; ++id) CHECK(greedy.call(id, "outer"));
  CHECK(other.call(1, "inner"));
  done.get_future().wait();
  CHECK(greedy.desk().at_work_for(1));
  open.set_value();
}

TEST_CASE("Callers that wait for callees of theirs leave these their threads", "[host][runner]") {
  HostFixture host;
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::atomic<int> ended{0};
  ScriptedOperator outer{blocking("outer"), [&ended, gate](const std::shared_ptr<Attempt>& attempt) {
                           gate.wait();
                           ++ended;
                           attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                         }};
  ScriptedOperator inner{blocking("inner"), [&open](const std::shared_ptr<Attempt>& attempt) {
                           open.set_value();
                           attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                         }};
  host.operators = {{"outer", &outer}, {"inner", &inner}};
  Desk desk{host.services};
  for (std::uint64_t id = 1; id <= 100; ++id) CHECK(desk.call(id, "outer"));
  CHECK(desk.call(101, "inner", 2));
  desk.wait_while_at_work();
  CHECK(ended == 100);
}

TEST_CASE("What an attempt has called is asked to stop with it, and nobody else's", "[host][runner]") {
  HostFixture host;
  ScriptedOperator inner{blocking("inner"), [](const std::shared_ptr<Attempt>& attempt) {
                           std::promise<void> asked;
                           attempt->cancel_token().on_cancel([&asked] { asked.set_value(); });
                           asked.get_future().wait();
                           attempt->cancel_token().on_cancel(nullptr);
                           attempt->complete(TaskOutcome::succeeded(Value{"1"}));
                         }};
  host.operators = {{"inner", &inner}};
  Desk desk{host.services};
  CHECK(desk.call(1, "inner", 1));
  CHECK(desk.call(2, "inner", 2));
  const std::uint64_t before = desk.desk().ends();
  desk.desk().stop(1);
  desk.desk().wait_for_more(before, ServiceDesk::Time::max());
  CHECK_FALSE(desk.desk().at_work_for(1));
  CHECK(desk.desk().at_work_for(2));
  desk.desk().stop(2);
  desk.wait_while_at_work();
}
