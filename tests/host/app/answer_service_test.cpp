#include "host/app/answer_service.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/store/memory_run_store.hpp"
#include "host/app/answer_client.hpp"
#include "host/app/run_session.hpp"
#include "tests/support/dag_of.hpp"
#include "tests/support/has.hpp"
#include "tests/support/scripted_catalog.hpp"
#include "tests/support/scripted_operator.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

/// Asks first, and then gives back what was said.
void ask(const std::shared_ptr<Attempt>& attempt) {
  if (attempt->call().answer) return attempt->complete(TaskOutcome::succeeded(*attempt->call().answer));
  InputRequest request;
  request.subject = "which one?";
  request.options = {"this one", "that"};
  request.respondents = {"ada"};
  TaskOutcome outcome;
  outcome.kind = OutcomeKind::awaiting_input;
  outcome.input = std::make_shared<const InputRequest>(request);
  attempt->complete(std::move(outcome));
}

/// The socket of a process that is stopped: it listens, and nobody is at it.
class StoppedProcess {
 public:
  explicit StoppedProcess(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.string().copy(address.sun_path, sizeof address.sun_path - 1) == path.string().size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_, 1) == 0);
  }
  ~StoppedProcess() { ::close(fd_); }
  StoppedProcess(const StoppedProcess&) = delete;
  StoppedProcess& operator=(const StoppedProcess&) = delete;

 private:
  const int fd_;
};

/// A run of one task that asks, under way on a thread of its own.
class AskingRun {
 public:
  explicit AskingRun(const std::filesystem::path& home)
      : answers_(home, " --home /h", active_, console_),
        session_({dag_of("t"),
                  std::make_shared<const RunInfo>(info()),
                  {"d", "d.json", 0, {}},
                  RunLock::take(locks_.path(), "r 1").value()},
                 {clock_, source_, store_, pools_, active_, vault_, grants_}, listener_, {&answers_}),
        thread_([this] { state_ = session_.run().value(); }) {}
  ~AskingRun() {
    if (thread_.joinable()) end();
  }

  /// The lines up to one with this in it.
  std::string wait_for_line(std::string_view part) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return has(written_, part); });
    return written_;
  }
  RunRecord end() {
    session_.cancel();
    thread_.join();
    return session_.record().value();
  }
  RunRecord wait() {
    thread_.join();
    return session_.record().value();
  }

 private:
  static RunInfo info() {
    RunInfo info;
    info.run_id = "r 1";
    info.dag_id = "d";
    return info;
  }

  const TempDir locks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string written_;
  Console console_{[this](std::string_view text) {
                     const std::lock_guard lock{mutex_};
                     written_ += text;
                     changed_.notify_all();
                   },
                   {}};
  SystemClock clock_;
  ScriptedOperator op_{scripted_info(), ask};
  SingleOperatorSource source_{op_};
  RecordingListener listener_;
  MemoryRunStore store_;
  PoolTable pools_;
  ActiveRuns active_;
  SecretVault vault_;
  const SecretSource secrets_{{}, vault_};
  const SecretGrants grants_{{}, secrets_, scripted_catalog()};
  AnswerService answers_;
  RunSession session_;
  RunState state_ = RunState::running;
  std::thread thread_;
};

Result<Value> give(const std::filesystem::path& home, const GivenAnswer& answer) {
  Errors warnings;
  Result<Value> done = give_answer(home, answer, warnings);
  CHECK(warnings.empty());
  return done;
}

GivenAnswer answer(const std::string& option, std::optional<std::string> as) {
  return {"r 1", "t", -1, Value{R"({"chosen_options": [)" + json_quote(option) + "]}"}, std::move(as)};
}

GivenAnswer answer_to(const std::string& run_id, const std::string& task_id, int map_index) {
  return {run_id, task_id, map_index, answer("that", "ada").said, "ada"};
}

}  // namespace

TEST_CASE("A question is shown with the command that answers it, and listed until it is answered", "[host][app]") {
  const TempDir dir;
  AskingRun run{dir.path()};
  const std::string shown = run.wait_for_line("runs answer");
  CHECK(has(shown, "t awaits input: which one? (this one, that), to be answered by ada\n"));
  CHECK(has(run.wait_for_line("--home"), "leeward runs answer 'r 1' t --choose 'this one' --as ada --home /h\n"));

  const OpenQuestions open = questions_of(dir.path());
  CHECK(open.warnings.empty());
  REQUIRE(open.questions.size() == 1);
  const auto question = JsonDocument::of(open.questions.front());
  CHECK(question->root()["run_id"].string() == "r 1");
  CHECK(question->root()["options"].size() == 2);
  CHECK(question->root()["timeout"].is_null());

  const auto given = give(dir.path(), answer("that", "ada"));
  REQUIRE(given);
  CHECK(has(std::string{given->json()}, R"("responded_by":"ada")"));
  const RunRecord record = run.wait();
  CHECK(record.state == RunState::success);
  CHECK(has(std::string{record.tasks.at(0).outcome->value.json()}, R"("chosen_options":["that"])"));
  CHECK(questions_of(dir.path()).questions.empty());
}

TEST_CASE("An answer that the run refuses is told with its reason, and changes nothing", "[host][app]") {
  const TempDir dir;
  AskingRun run{dir.path()};
  run.wait_for_line("runs answer");
  CHECK(give(dir.path(), answer("taht", "ada")).error().code == "input.answer");
  CHECK(give(dir.path(), answer("that", "mallory")).error().code == "input.forbidden");
  CHECK(give(dir.path(), answer("that", std::nullopt)).error().code == "input.forbidden");
  GivenAnswer other = answer("that", "ada");
  other.task_id = "u";
  CHECK(give(dir.path(), other).error().code == "input.nothing_asked");
  other.run_id = "r2";
  CHECK(give(dir.path(), other).error().code == "input.unknown_run");
  CHECK(has(give(dir.path(), answer_to("r1", "t", -1)).error().message, "did you mean \"r 1\"?"));
  CHECK(has(give(dir.path(), answer_to("r 1", "T", -1)).error().message, "did you mean \"t\"?"));
  CHECK(has(give(dir.path(), answer_to("r 1", "t", 3)).error().message, "leave out --map-index"));
  CHECK(questions_of(dir.path()).questions.size() == 1);
  CHECK(run.end().state == RunState::canceled);
  CHECK(questions_of(dir.path()).questions.empty());
}

TEST_CASE("Where no socket can be made the run says so and waits on", "[host][app]") {
  AskingRun run{"/proc/nowhere"};
  CHECK(has(run.wait_for_line("awaits input"),
            "warning: nobody can answer what tasks ask, nor cancel a run from outside: /proc/nowhere/run: "));
  CHECK(run.end().state == RunState::canceled);
}

TEST_CASE("A process that does not reply is told of, and keeps nobody from answering the others", "[host][app]") {
  const TempDir dir;
  AskingRun run{dir.path()};
  run.wait_for_line("runs answer");
  const StoppedProcess stopped{answer_folder(dir.path()) / "1234-id.sock"};
  const OpenQuestions open = questions_of(dir.path());
  CHECK(open.questions.size() == 1);
  REQUIRE(open.warnings.size() == 1);
  CHECK(open.warnings[0].code == "input.no_reply");
  CHECK(open.warnings[0].message == "process 1234 does not reply within 2 s; is it stopped? kill -CONT 1234");
  Errors warnings;
  CHECK(give_answer(dir.path(), answer("that", "ada"), warnings));
  CHECK(warnings.size() == 1);
  CHECK(run.wait().state == RunState::success);
}

TEST_CASE("What a killed process has left is taken away when somebody looks", "[host][app]") {
  const TempDir dir;
  const std::filesystem::path left = dir / "run/1-id.sock";
  std::filesystem::create_directories(left.parent_path());
  { const StoppedProcess killed{left}; }
  REQUIRE(std::filesystem::exists(left));
  const OpenQuestions open = questions_of(dir.path());
  CHECK(open.questions.empty());
  CHECK(open.warnings.empty());
  CHECK_FALSE(std::filesystem::exists(left));
}

TEST_CASE("The service answers nonsense with an error", "[host][app]") {
  const TempDir dir;
  AskingRun run{dir.path()};
  run.wait_for_line("runs answer");
  const auto socket = local_sockets(answer_folder(dir.path())).at(0);
  for (const char* line : {"", "{", "[]", R"({"ask": "more"})", R"({"ask": "answer"})"}) {
    INFO(line);
    const auto reply = ask_local(socket, line, std::chrono::seconds{60});
    REQUIRE(reply);
    CHECK(reply->starts_with(R"({"error":{)"));
  }
}
