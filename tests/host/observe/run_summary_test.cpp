#include "host/observe/run_summary.hpp"

#include <catch2/catch.hpp>

#include "tests/support/has.hpp"

using namespace leeward;
using leeward::test::has;

namespace {

TaskRecord task(const std::string& id, int map_index, TaskState state, const std::string& message = "") {
  TaskRecord record;
  record.task_id = id;
  record.map_index = map_index;
  record.state = state;
  record.attempts = 1;
  if (!message.empty())
    record.outcome = std::make_shared<const TaskOutcome>(TaskOutcome::failed("test.broken", message));
  return record;
}

}  // namespace

TEST_CASE("A failed run's summary ends with each error once, and what did not run because of it", "[host][observe]") {
  RunRecord record;
  record.info.dag_id = "d";
  record.state = RunState::failed;
  for (int i = 0; i < 1000; ++i) record.tasks.push_back(task("each", i, TaskState::failed, i == 7 ? "other" : "same"));
  record.tasks.push_back(task("one", -1, TaskState::failed, "control \x1b[2J"));
  record.tasks.back().attempts = 3;
  record.tasks.push_back(task("after", -1, TaskState::upstream_failed));
  record.context.emplace_back("key", Value{"1"});
  const std::string text = run_summary(record, {100, false});
  INFO(text);
  CHECK(has(text, "  each[0] and 998 more: test.broken: same\n"));
  CHECK(has(text, "  each[7]: test.broken: other\n"));
  CHECK(has(text, "  one: test.broken: control \\x1b[2J (tried 3 times)\n"));
  CHECK(has(text, "  not run because of that: after\n"));
  CHECK(text.find("context") < text.find("\nfailed\n"));
  CHECK(text.ends_with("--log-level debug what the tasks said\n"));
}

TEST_CASE("A summary shows ten errors and counts the others", "[host][observe]") {
  RunRecord record;
  record.state = RunState::failed;
  for (int i = 0; i < 25; ++i)
    record.tasks.push_back(task("t" + std::to_string(i), -1, TaskState::failed, "error " + std::to_string(i)));
  const std::string text = run_summary(record, {100, false});
  CHECK(has(text, "error 9"));
  CHECK_FALSE(has(text, "error 10"));
  CHECK(has(text, "  ... and 15 other errors\n"));
}

TEST_CASE("A summary of a run that succeeded speaks of no failure", "[host][observe]") {
  RunRecord record;
  record.state = RunState::success;
  record.tasks.push_back(task("t", -1, TaskState::success));
  CHECK_FALSE(has(run_summary(record, {100, true}), "failed"));
}

TEST_CASE("A summary says why a run ended before its tasks did", "[host][observe]") {
  RunRecord record;
  record.info.dag_id = "d";
  record.state = RunState::failed;
  CHECK(has(run_summary(record, {100, false}), "d  failed  run"));
  record.end_reason = RunEndReason::timed_out;
  CHECK(has(run_summary(record, {100, false}), "d  failed (its dagrun_timeout was over)"));
  record.end_reason = RunEndReason::fail_fast;
  CHECK(has(run_summary(record, {100, false}), "d  failed (fail_fast: a task failed)"));
  record.end_reason = RunEndReason::deadlock;
  CHECK(has(run_summary(record, {100, false}), "d  failed (deadlock"));
  record.state = RunState::canceled;
  record.end_reason = RunEndReason::canceled;
  CHECK(has(run_summary(record, {100, false}), "d  canceled  run"));
}

TEST_CASE("A summary says that a run was interrupted, or taken up again, and what may have been paid for twice",
          "[host][observe]") {
  RunRecord record;
  record.info.dag_id = "d";
  record.state = RunState::running;
  record.tasks.push_back(task("t", -1, TaskState::running));
  SummaryStyle style;
  CHECK(run_summary(record, style).starts_with("d  running  run"));
  style.interrupted = true;
  CHECK(run_summary(record, style).starts_with("d  interrupted  run"));
  record.state = RunState::success;
  record.tasks[0].possible_duplicates = 1;
  const std::string text = run_summary(record, {100, false, true, false});
  CHECK(text.starts_with("d  success (resumed)  run"));
  CHECK(has(text, "0 model calls, 0 tokens in, 0 tokens out; 1 possibly made twice, after a crash\n"));
}
