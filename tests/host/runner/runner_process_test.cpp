#include "host/runner/runner_process.hpp"

#include <csignal>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/host/runner/runner_fixture.hpp"
#include "tests/support/sanitized.hpp"

using namespace leeward;
using namespace leeward::test;
using Catch::Matchers::Contains;

namespace {

bool alive(pid_t process) { return ::kill(process, 0) == 0; }

}  // namespace

TEST_CASE("An operator in a runner gets what its task was given, and its result comes back", "[host][runner]") {
  RunnerFixture host;
  const std::string params = R"({"do": "nothing", "text": "ä\u0000\ud83d\ude00", "n": 12345678901234567890})";
  const TaskOutcome outcome = host.run(RunnerFixture::mischief, params);
  CHECK(outcome.kind == OutcomeKind::success);
  CHECK(outcome.value.json() == params);
  CHECK(host.run(RunnerFixture::noop, params).value.json() == params);
  CHECK(host.run(RunnerFixture::later, R"({"ms": 1})").value.json() == R"({"ms": 1})");
}

TEST_CASE("All attempts of a plugin share one runner", "[host][runner]") {
  RunnerFixture host;
  const std::string pid{host.doing("pid").value.json()};
  CHECK(pid != std::to_string(::getpid()));
  CHECK(host.doing("pid").value.json() == pid);
}

TEST_CASE("What a task in a runner says of its failure is told word by word", "[host][runner]") {
  RunnerFixture host;
  const TaskOutcome outcome = host.doing("give_up");
  CHECK(outcome.kind == OutcomeKind::retry);
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "mischief.reason");
  CHECK(outcome.error->message == "not today");
  CHECK(outcome.error->http_status == 503);
  CHECK(outcome.error->details == R"({"attempts":1})");
  CHECK(outcome.error->retryable);
  CHECK(outcome.retry_after == std::chrono::milliseconds{1500});
}

TEST_CASE("A result as large as one may be comes out of a runner whole, a larger one is refused", "[host][runner]") {
  RunnerFixture host;
  CHECK(host.doing("large").value.json().size() == std::size_t{16} << 20);
  CHECK(host.doing("too_large").error->code == "plugin.bad_result");
  CHECK(host.doing("no_json").error->code == "plugin.bad_result");
  CHECK(host.doing("no_utf8").error->code == "plugin.bad_result");
}

TEST_CASE("Thousands of attempts are in one runner at the same time", "[host][runner]") {
  RunnerFixture host;
  std::vector<std::shared_ptr<RecordingAttempt>> attempts;
  for (int i = 0; i < 10'000; ++i) attempts.push_back(host.start(RunnerFixture::later, R"({"ms": 300})"));
  int good = 0;
  for (const auto& attempt : attempts) good += attempt->wait().kind == OutcomeKind::success ? 1 : 0;
  CHECK(good == 10'000);
}

TEST_CASE("A task in a runner streams more than any buffer holds", "[host][runner]") {
  RunnerFixture host;
  const TaskOutcome streamed = host.doing("stream");
  INFO((streamed.error ? streamed.error->code + streamed.error->message : ""));
  CHECK(streamed.value.json() == "20000");
  host.doing("report");
  CHECK(host.listener.lines() == std::vector<std::string>{"line 0", "line 1", "line 2"});
}

TEST_CASE("A plugin that kills its process fails its attempts, and the next one gets a new process", "[host][runner]") {
  const auto [deed, how] = GENERATE(table<std::string, std::string>({{"segv", "was killed by SIG"},
                                                                     {"abort", "was killed by SIGABRT"},
                                                                     {"exit", "exited with status 0"},
                                                                     {"throw_noexcept", "was killed by SIGABRT"},
                                                                     {"overflow", "was killed by SIG"},
                                                                     {"close", "was killed by SIG"},
                                                                     {"forge", "frame"}}));
  RunnerFixture host;
  const auto beside = host.start(RunnerFixture::later, R"({"ms": 3600000})");
  TaskCall call = RecordingAttempt::call_of(R"({"do": ")" + deed + "\"}");
  Task task;
  task.id = "naughty";
  call.task = &task;
  const auto attempt = host.start(RunnerFixture::mischief, std::make_shared<RecordingAttempt>(host.listener, call));
  const TaskOutcome outcome = attempt->wait();
  INFO(deed);
  CHECK(outcome.kind == OutcomeKind::retry);
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "plugin.crashed");
  CHECK_THAT(outcome.error->message, Contains(R"(plugin "mischief", operator "mischief", task "naughty")"));
  if (!kSanitized) CHECK_THAT(outcome.error->message, Contains(how));
  CHECK(beside->wait().error->code == "plugin.crashed");
  CHECK(host.doing("nothing").kind == OutcomeKind::success);
}

TEST_CASE("An exception that crosses the C interface fails the task alone", "[host][runner]") {
  RunnerFixture host;
  CHECK(host.doing("throw").error->code == "operator.exception");
  CHECK(host.doing("nothing").kind == OutcomeKind::success);
}

TEST_CASE("A plugin's last words stand in the error of its attempts and in the log", "[host][runner]") {
  RunnerFixture host;
  const TaskOutcome outcome = host.doing("words");
  CHECK_THAT(outcome.error->message, Contains("the licence server is down"));
  host.stop();
  CHECK_THAT(host.log(), Contains("mischief: the licence server is down"));
}

TEST_CASE("What a plugin prints goes to the log until it is too much", "[host][runner]") {
  RunnerFixture host;
  CHECK(host.doing("flood").kind == OutcomeKind::success);
  host.stop();
  const std::string log = host.log();
  CHECK_THAT(log, Contains("prints too much"));
  CHECK(log.size() < std::size_t{2} << 20);
}

TEST_CASE("What a plugin logs besides its tasks goes to the log until it is too much", "[host][runner]") {
  RunnerFixture host;
  CHECK(host.doing("chatter").kind == OutcomeKind::success);
  host.stop();
  const std::string log = host.log();
  CHECK_THAT(log, Contains("xxx"));
  CHECK_THAT(log, Contains("logs too much"));
  CHECK(log.size() < std::size_t{2} << 20);
}

TEST_CASE("A plugin that dies three times within a minute is not started again", "[host][runner]") {
  RunnerFixture host;
  for (int i = 0; i < 3; ++i) CHECK(host.doing("abort").error->code == "plugin.crashed");
  const TaskOutcome outcome = host.doing("nothing");
  CHECK(outcome.kind == OutcomeKind::failed);
  CHECK(outcome.error->code == "plugin.quarantined");
  CHECK_THAT(outcome.error->message, Contains("3 times within a minute"));
  CHECK_THAT(host.log(), Contains("is quarantined"));
}

TEST_CASE("An attempt that does not stop when it is asked to takes its process along", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.stop_grace = std::chrono::milliseconds{100};
  RunnerFixture host{options};
  const std::string before{host.doing("pid").value.json()};
  host.doing("signals");  // none of which it heeds any more
  const auto hangs = host.start(RunnerFixture::mischief, R"({"do": "spin"})");
  const auto beside = host.start(RunnerFixture::later, R"({"ms": 3600000})");
  while (host.listener.lines().empty()) ::usleep(1000);  // one that has not begun would only not begin
  hangs->cancel_token().cancel();
  const TaskOutcome outcome = hangs->wait();
  CHECK(outcome.kind == OutcomeKind::canceled);
  CHECK(outcome.error->code == "plugin.hung");
  const TaskOutcome other = beside->wait();
  CHECK(other.kind == OutcomeKind::retry);
  CHECK_THAT(other.error->message, Contains("stopped because another attempt hung"));
  CHECK_FALSE(alive(std::stoi(before)));
  CHECK(host.doing("nothing").kind == OutcomeKind::success);
}

TEST_CASE("An attempt that heeds its cancellation leaves its process alone", "[host][runner]") {
  RunnerFixture host;
  const std::string before{host.doing("pid").value.json()};
  const auto attempt = host.start(RunnerFixture::later, R"({"ms": 3600000})");
  attempt->cancel_token().cancel();
  CHECK(attempt->wait().kind == OutcomeKind::canceled);
  CHECK(host.doing("pid").value.json() == before);
}

TEST_CASE("What a plugin has started has ended before its attempt is told that the process has", "[host][runner]") {
  const std::string deed = GENERATE("child", "get_away");
  const std::string end = GENERATE("abort", "exit", "forge");
  INFO(deed << ", then " << end);
  RunnerFixture host;
  const pid_t child = std::stoi(std::string{host.doing(deed).value.json()});
  REQUIRE(child > 0);
  CHECK(alive(child));
  host.doing(end);
  CHECK_FALSE(alive(child));
}

TEST_CASE("What a plugin has started ends with its host's leave", "[host][runner]") {
  RunnerFixture host;
  const pid_t child = std::stoi(std::string{host.doing("get_away").value.json()});
  CHECK(alive(child));
  host.stop();
  CHECK_FALSE(alive(child));
}

TEST_CASE("A runner may use no more than its limits", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.limits->memory_bytes = std::uint64_t{256} << 20;
  RunnerFixture host{options};
  CHECK(host.doing("files").kind == OutcomeKind::success);
  if (kSanitized) return;  // nothing is limited there
  const TaskOutcome outcome = host.doing("memory");
  REQUIRE(outcome.kind == OutcomeKind::success);
  CHECK(std::stoull(std::string{outcome.value.json()}) < std::uint64_t{256} << 20);
}

TEST_CASE("A plugin that may have no more threads says which limit that is", "[host][runner]") {
  if (::geteuid() == 0) {
    WARN("SKIP: the kernel limits the processes of no user that is root");
    return;
  }
  RunnerProcess::Options options = RunnerFixture::usual();
  options.limits->processes = 1;
  RunnerFixture host{options};
  CHECK_THAT(host.doing("nothing").error->message, Contains("isolation.limits.processes"));
}

TEST_CASE("A plugin that starts processes without end is ended, with all of them", "[host][runner]") {
  if (::geteuid() != 0) {
    WARN("SKIP: the kernel limits the processes of this user, and counts them with all others that it has");
    return;
  }
  RunnerProcess::Options options = RunnerFixture::usual();
  options.limits->processes = 300;
  RunnerFixture host{options};
  const TaskOutcome outcome = host.doing("bomb");
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == "plugin.crashed");
  CHECK_THAT(outcome.error->message, Contains("more than 300 processes and threads"));
  CHECK(host.doing("nothing").kind == OutcomeKind::success);
}

TEST_CASE("A plugin in a runner changes nothing and finds nothing of the host's", "[host][runner]") {
  ::setenv("LEEWARD_TEST_SECRET", "sk-0123456789", 1);
  RunnerFixture host;
  const auto folder = std::filesystem::current_path();
  CHECK(host.doing("changes").kind == OutcomeKind::success);
  CHECK(std::filesystem::current_path() == folder);
  CHECK(std::getenv("LEEWARD_MISCHIEF") == nullptr);
  CHECK(host.doing("spy").value.json() == "\"nothing\"");
}

TEST_CASE("A runner that cannot load its plugin says why, once and for all", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.contents = [] { return PluginFile::read(LEEWARD_BINARY_DIR "/tests/samples/sample_bad_init.so"); };
  RunnerFixture host{options};
  const TaskOutcome outcome = host.doing("nothing");
  CHECK(outcome.kind == OutcomeKind::failed);
  CHECK(outcome.error->code == "plugin.init_failed");
  CHECK(host.doing("nothing").error->code == "plugin.init_failed");
}

TEST_CASE("Attempts of a runner that cannot be started may be tried again", "[host][runner]") {
  RunnerProcess::Options options = RunnerFixture::usual();
  options.program_file = "/nonexistent/leeward";
  RunnerFixture host{options};
  const TaskOutcome outcome = host.doing("nothing");
  CHECK(outcome.kind == OutcomeKind::retry);
  CHECK(outcome.error->code == "process.start");
}

TEST_CASE("A runner's results are held to its operators' promises in the host", "[host][runner]") {
  RunnerFixture host;
  host.info(RunnerFixture::noop).output_schema =
      JsonSchema::compile(JsonDocument::parse(R"({"required": ["b"]})").value()).value();
  CHECK(host.run(RunnerFixture::noop, R"({"a": 1})").error->code == "plugin.bad_result");
  CHECK(host.run(RunnerFixture::noop, R"({"b": 1})").kind == OutcomeKind::success);
}
