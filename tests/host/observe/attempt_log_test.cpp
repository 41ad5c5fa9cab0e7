#include "host/observe/attempt_log.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "core/engine/callback_runner.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/has.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct World {
  explicit World(AttemptLog::Limits limits = {}) : attempts(home.path(), limits, log, clock) {
    auto info = std::make_shared<RunInfo>();
    info->dag_id = "d";
    info->run_id = "../r";
    run = info;
    attempts.run_begins(*run);
  }
  TaskCall call(int try_number = 1, int map_index = -1) const {
    TaskCall call;
    call.run = run;
    call.task = &dag->tasks().front();
    call.instance = InstanceIndex{static_cast<std::uint32_t>(map_index + 1)};
    call.map_index = map_index;
    call.try_number = try_number;
    return call;
  }
  void became(TaskState from, TaskState to, int try_number = 1, std::shared_ptr<const TaskOutcome> outcome = nullptr) {
    Event event;
    event.from = from;
    event.to = to;
    event.task = TaskIndex{0};
    event.instance = InstanceIndex{0};
    event.try_number = static_cast<std::uint16_t>(try_number);
    event.outcome = std::move(outcome);
    attempts.on_events(*run, *dag, {&event, 1});
  }
  std::string log_of(int try_number, int map_index = -1) {
    return text_of(attempt_log_path(home.path(), {"d", "../r", "t", map_index, try_number}));
  }

  TempDir home;
  Console console{[](std::string_view) {}, {}};
  Log log{console, LogLevel::warn};
  FakeClock clock;
  std::shared_ptr<const Dag> dag = dag_of("t");
  std::shared_ptr<const RunInfo> run;
  AttemptLog attempts;
};

std::size_t files_in(const World& world) { return attempt_logs_of(world.home.path(), "d", "../r").size(); }
}  // namespace

TEST_CASE("What an attempt says and how it ended stand in a file of its own", "[host][observe]") {
  World world;
  world.attempts.on_log(world.call(), LogLevel::warn, "careful", R"({"n":1})");
  world.attempts.on_progress(world.call(), 0.5, "half way");
  CHECK(world.attempts.on_output(world.call(), "stdout", "out\n"));
  auto outcome = std::make_shared<TaskOutcome>(TaskOutcome::retryable("x.y", "it broke"));
  world.became(TaskState::running, TaskState::up_for_retry, 1, outcome);
  world.attempts.on_log(world.call(2), LogLevel::info, "again", "{}");
  world.attempts.on_log(world.call(1, 7), LogLevel::info, "mapped", "");
  world.became(TaskState::running, TaskState::success, 2);
  world.attempts.run_ended(*world.run);
  const std::string first = world.log_of(1);
  CHECK(has(first, "INFO   attempt 1 of t, operator "));
  CHECK(has(first, "WARN   careful {\"n\":1}\n"));
  CHECK(has(first, "NOTE   half way\n"));
  CHECK(has(first, "OUTPUT out\n"));
  CHECK(has(first, "STATE  up_for_retry: x.y: it broke\n"));
  CHECK(has(world.log_of(2), "INFO   again\n"));
  CHECK(has(world.log_of(2), "STATE  success\n"));
  CHECK(has(world.log_of(1, 7), "INFO   mapped\n"));
  CHECK(fs::exists(world.home.path() / "logs/d/%2E.%2Fr/t/1.log"));
}

TEST_CASE("An attempt that says nothing leaves a file only if it fails", "[host][observe]") {
  World world;
  world.became(TaskState::running, TaskState::success, 1);
  world.became(TaskState::none, TaskState::skipped, 0);
  world.attempts.run_ended(*world.run);
  CHECK(files_in(world) == 0);
  world.attempts.run_begins(*world.run);
  world.became(TaskState::running, TaskState::failed, 1,
               std::make_shared<TaskOutcome>(TaskOutcome::failed("a.b", "why")));
  world.attempts.run_ended(*world.run);
  CHECK(has(world.log_of(1), "STATE  failed: a.b: why\n"));
}

TEST_CASE("Callbacks of a task share a file beside its attempts", "[host][observe]") {
  World world;
  TaskCall call = world.call();
  call.instance = InstanceIndex{CallbackRunner::kFirst + 4};
  world.attempts.on_log(call, LogLevel::info, "notified", "{}");
  world.attempts.run_ended(*world.run);
  CHECK(has(world.log_of(0), "INFO   notified\n"));
}

TEST_CASE("A run that is taken up again goes on in the same files", "[host][observe]") {
  World world;
  world.attempts.on_log(world.call(), LogLevel::info, "before", "{}");
  world.attempts.run_ended(*world.run);
  world.attempts.run_begins(*world.run);
  world.attempts.on_log(world.call(), LogLevel::info, "after", "{}");
  world.attempts.run_ended(*world.run);
  world.attempts.on_log(world.call(), LogLevel::info, "too late", "{}");
  const std::string text = world.log_of(1);
  CHECK(text.find("before") < text.find("after"));
  CHECK(text.find("attempt 1 of t") == text.rfind("attempt 1 of t"));
  CHECK_FALSE(has(text, "too late"));
}

TEST_CASE("The start of a run makes room among the logs of others", "[host][observe]") {
  World world{{1000, 50}};
  world.home.write("logs/d/old/t/1.log", std::string(100, 'x'));
  world.attempts.on_log(world.call(), LogLevel::info, std::string(100, 'y'), "{}");
  world.attempts.run_ended(*world.run);
  RunInfo next = *world.run;
  next.run_id = "next";
  world.attempts.run_begins(next);
  TaskCall call = world.call();
  call.run = std::make_shared<const RunInfo>(next);
  world.attempts.on_log(call, LogLevel::info, "here", "{}");
  world.attempts.run_ended(next);
  CHECK_FALSE(fs::exists(world.home.path() / "logs/d/old"));
  CHECK(files_in(world) == 0);
  CHECK(attempt_logs_of(world.home.path(), "d", "next").size() == 1);
}

TEST_CASE("With a limit of zero nothing is written", "[host][observe]") {
  World world{{0, 1000}};
  world.attempts.on_log(world.call(), LogLevel::info, "x", "{}");
  world.became(TaskState::running, TaskState::failed);
  world.attempts.run_ended(*world.run);
  CHECK_FALSE(fs::exists(world.home.path() / "logs"));
}
