#include "host/observe/terminal_progress.hpp"

#include <catch2/catch.hpp>

#include "host/observe/run_log.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/has.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// A run that the test tells, and what a terminal (or a pipe) was written of it.
struct Told {
  explicit Told(const std::string& dag_text, bool live = false, LogLevel level = LogLevel::info)
      : dag(dag_of(dag_text)),
        console([this](std::string_view text) { keep(text); }, {live, 60, 8}),
        log(console, level),
        progress(console, log) {}

  void transition(std::uint32_t task, TaskState from, TaskState to, int map_index = -1,
                  std::shared_ptr<const TaskOutcome> outcome = nullptr) {
    Event event;
    event.task = TaskIndex{task};
    event.from = from;
    event.to = to;
    event.map_index = map_index;
    event.try_number = 1;
    event.outcome = std::move(outcome);
    send(event);
  }
  void expanded(std::uint32_t task, std::uint32_t count) {
    Event event;
    event.kind = EventKind::task_expanded;
    event.task = TaskIndex{task};
    event.count = count;
    send(event);
  }
  void send(const Event& event) { progress.on_events(run, *dag, std::span<const Event>{&event, 1}); }
  void warn(std::uint32_t task, int map_index, LogLevel level = LogLevel::warn) {
    TaskCall call;
    call.task = &dag->tasks()[task];
    call.map_index = map_index;
    progress.on_log(call, level, "look out", {});
  }

  void keep(std::string_view text) {
    const std::lock_guard lock{mutex};
    written.append(text);
    more.notify_all();
  }
  [[nodiscard]] std::string text() {
    const std::lock_guard lock{mutex};
    return written;
  }
  void wait_for(std::string_view part) {
    std::unique_lock lock{mutex};
    more.wait(lock, [&] { return written.find(part) != std::string::npos; });
  }

  std::mutex mutex;
  std::condition_variable more;
  std::string written;
  std::shared_ptr<const Dag> dag;
  RunInfo run;
  Console console;
  Log log;
  TerminalProgress progress;
};

std::shared_ptr<const TaskOutcome> failure(const std::string& message) {
  return std::make_shared<const TaskOutcome>(TaskOutcome::failed("test.broken", message));
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

}  // namespace

TEST_CASE("TerminalProgress tells a line for each transition that matters, with the error of a failure",
          "[host][observe]") {
  Told told{"a; b <- a"};
  told.transition(0, TaskState::none, TaskState::scheduled);
  told.transition(0, TaskState::scheduled, TaskState::queued);
  CHECK(told.text().empty());
  told.transition(0, TaskState::queued, TaskState::running);
  told.transition(0, TaskState::running, TaskState::failed, -1, failure("line one\nline two\x1b[31m"));
  told.transition(1, TaskState::none, TaskState::upstream_failed);
  const std::string text = told.text();
  CHECK(count(text, "\n") == 3);
  CHECK(has(text, " a running\n"));
  CHECK(has(text, " a failed: test.broken: line one\\nline two\\x1b[31m\n"));
  CHECK(has(text, " b upstream_failed\n"));
}

TEST_CASE("TerminalProgress tells once that a sensor waits, however often it looks", "[host][observe]") {
  Told told{"a"};
  told.transition(0, TaskState::queued, TaskState::running);
  for (int i = 0; i < 5; ++i) {
    told.transition(0, TaskState::running, TaskState::up_for_reschedule);
    told.transition(0, TaskState::up_for_reschedule, TaskState::scheduled);
    told.transition(0, TaskState::scheduled, TaskState::queued);
    told.transition(0, TaskState::queued, TaskState::running);
  }
  told.transition(0, TaskState::running, TaskState::success);
  const std::string text = told.text();
  INFO(text);
  CHECK(count(text, " a up_for_reschedule (again in ") == 1);
  CHECK(count(text, " a running\n") == 1);
  CHECK(count(text, " a success\n") == 1);
}

TEST_CASE("TerminalProgress does not tell apart what runs without a thread, and shows who waits for a person",
          "[host][observe]") {
  Told told{"a"};
  told.transition(0, TaskState::queued, TaskState::running);
  told.transition(0, TaskState::running, TaskState::deferred);
  told.transition(0, TaskState::deferred, TaskState::awaiting_input);
  CHECK(count(told.text(), " a running\n") == 1);
  CHECK_FALSE(has(told.text(), "deferred"));
  CHECK(has(told.text(), " a awaiting_input"));
}

TEST_CASE("A failed callback is a warning, on a watched run and on another", "[host][observe]") {
  Told told{"a"};
  told.progress.on_callback_failed(told.run, "a", CallbackMoment::retry, {"http.connect", "refused", false, 0, {}});
  CHECK(has(told.text(), "warning a: its on_retry callback failed: http.connect: refused\n"));

  std::string written;
  Console console{[&](std::string_view text) { written += text; }, {}};
  Log log{console, LogLevel::info};
  RunLog other{log};
  RunInfo run;
  run.dag_id = "d";
  run.run_id = "r";
  other.on_callback_failed(run, "", CallbackMoment::failure, {"http.connect", "refused", false, 0, {}});
  CHECK(has(written, "warning d r: its on_failure callback failed: http.connect: refused\n"));
}

TEST_CASE("TerminalProgress counts the instances of a task that has many, and tells its first failures",
          "[host][observe]") {
  Told told{"a"};
  told.expanded(0, 1000);
  for (int i = 0; i < 1000; ++i) {
    told.transition(0, TaskState::none, TaskState::running, i);
    told.transition(0, TaskState::running, i < 20 ? TaskState::failed : TaskState::success, i,
                    i < 20 ? failure("no") : nullptr);
  }
  const std::string text = told.text();
  INFO(text);
  CHECK(count(text, "\n") == 10 + 5);
  CHECK(count(text, "] failed: test.broken: no") == 5);
  CHECK(has(text, " a 1000/1000, 20 failed\n"));
}

TEST_CASE("TerminalProgress tells the first warnings of thousands of instances, and all of them when asked",
          "[host][observe]") {
  const auto warned = [](LogLevel level, std::uint32_t instances) {
    Told told{"a; b", false, level};
    told.expanded(0, instances);
    for (int i = 0; i < static_cast<int>(instances); ++i) {
      told.warn(0, i);
      told.warn(0, i, LogLevel::info);
    }
    told.warn(1, -1);
    return told.text();
  };
  const std::string text = warned(LogLevel::info, 1000);
  CHECK(count(text, "]: look out") == 5);
  CHECK(count(text, "further warnings of its instances are not shown; --log-level debug shows all") == 1);
  CHECK(has(text, " b: look out"));
  CHECK(count(warned(LogLevel::debug, 1000), "]: look out") == 2000);
  CHECK(count(warned(LogLevel::info, 10), "]: look out") == 20);
}

TEST_CASE("TerminalProgress draws a block on a terminal, no wider than it, and takes it away", "[host][observe]") {
  Told told{"first; second <- first", true};
  told.transition(0, TaskState::none, TaskState::running);
  TaskCall call;
  call.task = &told.dag->tasks()[0];
  told.progress.on_progress(call, 0.5, std::string(200, 'x') + "\x1b[2J");
  told.wait_for("50 % xxx");
  const std::string text = told.text();
  CHECK(has(text, "first"));
  CHECK(has(text, "second"));
  CHECK_FALSE(has(text, "\x1b[2J"));
  CHECK_FALSE(has(text, std::string(60, 'x')));
  CHECK_FALSE(has(text, "first running"));  // no lines beside the block
  told.progress.close();
  CHECK(told.text().ends_with("\x1b[2A\r\x1b[J"));
}

TEST_CASE("TerminalProgress shows the end of what a task writes, in place of its progress", "[host][observe]") {
  Told told{"a", true};
  told.transition(0, TaskState::none, TaskState::running);
  TaskCall call;
  call.task = &told.dag->tasks()[0];
  told.progress.on_progress(call, -1, "asking");
  told.progress.on_output(call, "", "first line\nsecond ");
  told.progress.on_output(call, "", std::string(200, 'x') + "总结\n");
  told.wait_for("总结");
  const std::string text = told.text();
  CHECK(has(text, "a  running  …xxx"));
  CHECK(has(text, "x总结\n"));
  CHECK_FALSE(has(text, "first line"));
  CHECK_FALSE(has(text, "\\n"));
}

TEST_CASE("TerminalProgress shows failures among the instances that still run", "[host][observe]") {
  Told told{"a", true};
  told.expanded(0, 12);
  told.transition(0, TaskState::none, TaskState::failed, 0);
  told.transition(0, TaskState::none, TaskState::running, 1);
  told.wait_for("a  1/12 running, 1 failed");
}
