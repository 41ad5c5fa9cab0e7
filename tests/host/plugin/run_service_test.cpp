#include <optional>

#include <catch2/catch.hpp>
#include <leeward/ext/run.h>

#include "core/store/memory_run_store.hpp"
#include "host/plugin/extensions.hpp"
#include "tests/host/plugin/played_task.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// Runs that end when the test says so.
class HeldRuns final : public RunGateway {
 public:
  void trigger(const TaskCall& /*by*/, RunTrigger run, std::shared_ptr<CancelToken> /*cancel*/, Told told) override {
    asked = std::move(run);
    told_ = std::move(told);
  }
  [[nodiscard]] Result<std::optional<RunStates>> states(const TaskCall& /*by*/,
                                                        const RunStatesQuery& query) const override {
    return states_in(store_, query);
  }
  void tell(Result<TriggeredRun> run) { told_(std::move(run)); }

  RunTrigger asked;

 private:
  Told told_;
  MemoryRunStore store_;
};

struct Told {
  std::optional<lw_code> outcome;
  std::string json;
  std::string error;
};

void on_done(void* arg, const lw_run_result* result) {
  Told& told = *static_cast<Told*>(arg);
  told.outcome = result->outcome;
  told.json = std::string{text_of(result->result_json)};
  if (result->error != nullptr) told.error = std::string{text_of(result->error->type)};
}

/// A task that has triggered a run, and has been deferred since.
struct Triggering {
  explicit Triggering(std::string_view request) {
    played.host.services.runs = &runs;
    played.api->hold(played.c);
    REQUIRE(kRunService.trigger(played.c, lend(request), on_done, &told) == LW_OK);
    played.task->returned(LW_DEFERRED);
  }
  ~Triggering() { played.api->complete(played.c, LW_OK); }

  HeldRuns runs;
  Told told;
  Played played;
};

TriggeredRun run_in(RunState state) { return {"r", "d", state}; }

}  // namespace

TEST_CASE("A task that waits for the run it has triggered holds nothing meanwhile", "[host][plugin]") {
  Triggering waits{R"({"dag": "d", "wait": true})"};
  CHECK(waits.played.attempt->deferrals() == 1);
  CHECK(waits.played.attempt->idle());
  waits.runs.tell(run_in(RunState::success));
  CHECK(waits.told.outcome == LW_OK);
  CHECK(waits.told.json == R"({"run_id":"r","dag_id":"d","state":"success"})");

  Triggering goes_on{R"({"dag": "d"})"};
  CHECK(goes_on.played.attempt->deferrals() == 1);
  CHECK_FALSE(goes_on.played.attempt->idle());
  goes_on.runs.tell(run_in(RunState::queued));
}

TEST_CASE("A canceled task that waits for a run is told that it took the run along", "[host][plugin]") {
  Triggering waits{R"({"dag": "d", "wait": true})"};
  waits.played.attempt->cancel_token().cancel();
  waits.runs.tell(run_in(RunState::canceled));
  CHECK(waits.told.outcome == LW_CANCELLED);
  CHECK(waits.told.error == "run.canceled");
}

TEST_CASE("A task whose run the host puts off with itself is told to end as canceled", "[host][plugin]") {
  for (const char* request : {R"({"dag": "d", "wait": true})", R"({"dag": "d"})"}) {
    Triggering asks{request};
    asks.runs.tell(Error{"run.canceled", "this process is stopping"});
    CHECK(asks.told.outcome == LW_CANCELLED);
    CHECK(asks.told.error == "run.canceled");
  }
}

TEST_CASE("A canceled task that does not wait for its run is told of the run that goes on", "[host][plugin]") {
  Triggering started{R"({"dag": "d"})"};
  started.played.attempt->cancel_token().cancel();
  started.runs.tell(run_in(RunState::running));
  CHECK(started.told.outcome == LW_OK);
  CHECK(started.told.json == R"({"run_id":"r","dag_id":"d","state":"running"})");

  Triggering refused{R"({"dag": "d"})"};
  refused.played.attempt->cancel_token().cancel();
  refused.runs.tell(Error{"run.exists", "there is one"});
  CHECK(refused.told.outcome == LW_FAIL);
  CHECK(refused.told.error == "run.exists");
}
