#include "core/exec/worker_pool.hpp"

#include <memory>
#include <system_error>
#include <vector>

#include <catch2/catch.hpp>

#include "core/exec/queued_attempt.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/scripted_operator.hpp"

using namespace leeward;
using namespace leeward::test;

TEST_CASE("An attempt that no thread can be had for ends, and with a thread the next one runs", "[core][exec]") {
  RecordingListener listener;
  ScriptedOperator op{scripted_info(),
                      [](const std::shared_ptr<Attempt>& attempt) { attempt->complete(TaskOutcome::succeeded({})); }};
  const auto queue = std::make_shared<CompletionQueue>();
  bool refuses = true;
  WorkerPool pool{1, std::chrono::seconds{60}, [&](std::function<void()> body) {
                    if (refuses)
                      throw std::system_error{std::make_error_code(std::errc::resource_unavailable_try_again)};
                    return std::thread{std::move(body)};
                  }};
  const auto ended = [&] {
    pool.submit({&op, std::make_shared<QueuedAttempt>(TaskCall{}, listener, queue)});
    std::vector<Completion> out;
    while (!queue->take(out)) queue->sleep(std::nullopt);
    return std::move(out.front().outcome);
  };
  const TaskOutcome refused = ended();
  CHECK(refused.kind == OutcomeKind::retry);
  REQUIRE(refused.error);
  CHECK(refused.error->code == "operator.no_thread");
  CHECK(pool.threads() == 0);
  refuses = false;
  CHECK(ended().kind == OutcomeKind::success);
}
