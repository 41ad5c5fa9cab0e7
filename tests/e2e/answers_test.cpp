#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

// A run that asks a person, and the answer from another process.

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A run that asks, its home, and the command that it has shown.
struct Asking {
  explicit Asking(const std::string& with) {
    const std::string dag = dir.write("ask.json", R"({"dag_id": "ask", "tasks": [
      {"task_id": "approve", "operator": "approval", "output_key": "said", "with": )" +
                                                      with + R"(},
      {"task_id": "publish", "operator": "echo", "depends_on": ["approve"], "with": {"value": "out"}}]})")
                                .string();
    program.emplace(leeward_words({"run", dag, "--json", "--home", home}), Program::Environment{});
    std::string line;
    while (!has(line, "awaits input")) line = next_line();
    question = line;
    command = next_line();
    run_id = command.substr(command.find("answer ") + 7, 26);
  }
  std::string next_line() {
    std::string line = program->err_line();
    REQUIRE_FALSE(line.empty());
    return line;
  }
  [[nodiscard]] Ended answer(std::vector<std::string> words) const {
    words.insert(words.begin(), {"runs", "answer", run_id, "approve", "--home", home});
    return Program{leeward_words(std::move(words)), {}}.wait();
  }

  TempDir dir;
  std::string home = (dir / "my home").string();
  std::optional<Program> program;
  std::string question;
  std::string command;
  std::string run_id;
};

}  // namespace

TEST_CASE("A run says that it waits for a person, and the command that it shows answers it", "[e2e]") {
  Asking run{R"({"subject": "Publish?", "body": "It is long."})"};
  CHECK(has(run.question, "approve awaits input: Publish? (Approve, Reject)"));
  CHECK(has(run.command, "leeward runs answer " + run.run_id + " approve --choose Approve --home '"));

  const Ended waiting = Program{leeward_words({"runs", "waiting", "--json", "--home", run.home}), {}}.wait();
  REQUIRE(waiting.status == 0);
  const auto listed = waiting.json();
  REQUIRE(listed->root().size() == 1);
  const Json question = listed->root().at(0);
  CHECK(text(question["run_id"]) == run.run_id);
  CHECK(text(question["dag_id"]) == "ask");
  CHECK(text(question["task_id"]) == "approve");
  CHECK(question["map_index"].integer() == -1);
  CHECK(text(question["subject"]) == "Publish?");
  CHECK(text(question["options"]) == R"(["Approve","Reject"])");
  CHECK(question["timeout"].is_null());

  // Pasted into a shell, as a person would.
  const std::string bin = LEEWARD_BINARY_DIR "/bin";
  const Ended answered = Program{{"bash", "-c", "PATH=" + bin + ":$PATH; " + run.command}, {}}.wait();
  INFO(answered.err);
  CHECK(answered.status == 0);
  CHECK(has(answered.out, "answered as "));

  const Ended ended = run.program->wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
  const auto report = ended.json();
  CHECK(text(report->root()["context"]["said"]["chosen_options"]) == R"(["Approve"])");
  CHECK(text(task_of(report->root(), "publish")["state"]) == "success");
  CHECK(fs::is_empty(fs::path{run.home} / "run"));
}

TEST_CASE("A wrong option, a wrong field and a wrong user are refused, and the run waits on", "[e2e]") {
  Asking run{R"({"subject": "Publish?", "respondents": ["ada", "grace"], "form": {"comment": ""}})"};
  const Ended stranger = run.answer({"--choose", "Approve", "--as", "mallory"});
  CHECK(stranger.status == 2);
  CHECK(has(stranger.err, "\"mallory\" may not answer this"));
  const Ended option = run.answer({"--choose", "Aprove", "--as", "ada"});
  CHECK(option.status == 2);
  CHECK(has(option.err, "did you mean \"Approve\"?"));
  const Ended field = run.answer({"--choose", "Approve", "--set", "coment=x", "--as", "ada"});
  CHECK(field.status == 2);
  CHECK(has(field.err, "did you mean \"comment\"?"));
  CHECK(run.answer({"--as", "ada"}).status == 2);
  CHECK(run.answer({"--choose", "Approve", "--as", "ada", "--map-index", "3"}).status == 2);

  const Ended good = run.answer({"--choose", "Approve", "--set", "comment=well done", "--as", "ada", "--json"});
  INFO(good.err);
  REQUIRE(good.status == 0);
  CHECK(text(good.json()->root()["responded_by"]) == "ada");
  const Ended ended = run.program->wait();
  CHECK(ended.status == 0);
  const auto report = ended.json();
  const Json said = report->root()["context"]["said"];
  CHECK(text(said["params_input"]["comment"]) == "well done");
  CHECK(text(said["responded_by"]) == "ada");
}

TEST_CASE("Each instance of a mapped task is answered by itself", "[e2e]") {
  const TempDir dir;
  const std::string home = (dir / "home").string();
  const std::string dag = dir.write("ask.json", R"({"dag_id": "ask", "tasks": [
    {"task_id": "pick", "operator": "approval", "expand": {"which": ["first", "second"]},
     "with": {"subject": "{which}?", "options": ["a b", "c"]}}]})")
                              .string();
  Program program{leeward_words({"run", dag, "--json", "--home", home}), {}};
  std::vector<std::string> commands;
  while (commands.size() < 2) {
    const std::string line = program.err_line();
    REQUIRE_FALSE(line.empty());
    if (has(line, "runs answer")) commands.push_back(line);
  }
  const std::string run_id = commands[0].substr(commands[0].find("answer ") + 7, 26);
  const Ended no_index =
      Program{leeward_words({"runs", "answer", run_id, "pick", "--choose", "c", "--home", home}), {}}.wait();
  CHECK(no_index.status == 2);
  CHECK(has(no_index.err, "it is mapped, and these wait: --map-index 0, 1"));
  for (const std::string& command : commands) {
    CHECK(has(command, "--choose 'a b'"));
    const Ended answered = Program{{"bash", "-c", "PATH=" LEEWARD_BINARY_DIR "/bin:$PATH; " + command}, {}}.wait();
    INFO(answered.err);
    CHECK(answered.status == 0);
  }
  const Ended ended = program.wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
}

TEST_CASE("runs answer says what is missing", "[e2e]") {
  const TempDir dir;
  const std::string home = (dir / "home").string();
  const Ended nobody = Program{leeward_words({"runs", "answer", "r", "t", "--choose", "x", "--home", home}), {}}.wait();
  CHECK(nobody.status == 2);
  CHECK(has(nobody.err, "leeward runs waiting"));
  CHECK_FALSE(fs::exists(home));
  CHECK(run_leeward({"runs", "answer", "r"}).status == 2);
  CHECK(run_leeward({"runs", "answer", "r", "t", "--set", "x"}).status == 2);
  CHECK(run_leeward({"runs", "answer", "r", "t", "--map-index", "x"}).status == 2);
  const Ended verbs = run_leeward({"runs"});
  CHECK(verbs.status == 2);
  CHECK(has(verbs.err, "|waiting|answer [OPTION]"));
  const Ended nothing = Program{leeward_words({"runs", "waiting", "--json", "--home", home}), {}}.wait();
  CHECK(nothing.status == 0);
  CHECK(nothing.out == "[]\n");
}
