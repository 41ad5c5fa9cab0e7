#include <filesystem>
#include <stdlib.h>

#include "tests/plugins/bash/processes.hpp"
#include "tests/plugins/shipped.hpp"

using namespace leeward::testing;
using leeward::sdk::quote;

namespace {

std::string params(const std::string& command, const std::string& rest = "") {
  return R"({"command": )" + quote(command) + rest + "}";
}

Result run_bash(const std::string& command, const std::string& rest = "") {
  return run_shipped("bash", "bash", params(command, rest));
}

std::string output_of(const std::string& command, const std::string& rest = "") {
  return run_bash(command, rest).result;
}

}  // namespace

TEST_CASE("What a command prints is the output: JSON, or the last line", "[bash]") {
  CHECK(output_of("echo '{\"a\": [1, 2]}'") == "{\"a\": [1, 2]}");
  CHECK(output_of("printf '[1,\\n 2]\\n\\n'") == "[1,\n 2]");
  CHECK(output_of("echo 42") == "42");
  CHECK(output_of("echo one; echo two") == R"("two")");
  CHECK(output_of("echo '{\"a\": '") == R"("{\"a\":")");
  CHECK(output_of("echo 007") == R"("007")");
  CHECK(output_of("true") == R"("")");
  CHECK(output_of("echo words >&2") == R"("")");
}

TEST_CASE("Output is streamed and logged by channel", "[bash]") {
  const auto done = run_bash("echo one; echo two >&2; printf three");
  CHECK(done.text("stdout") == "one\nthree");
  CHECK(done.text("stderr") == "two\n");
  CHECK(done.logged("one"));
  CHECK(done.logged("two"));
  CHECK(done.logged("three"));
}

TEST_CASE("Output is never cut inside a character", "[bash]") {
  // 120,000 bytes, read in pieces that are no multiple of three.
  const auto done = run_bash("for i in {1..40000}; do printf 文; done");
  CHECK(done.text("stdout").size() == 120000);
  CHECK(done.result.size() == 120000 + 2);
}

TEST_CASE("Bytes that are no UTF-8 become replacement characters", "[bash]") {
  CHECK(output_of("printf 'a\\xff\\xe4\\xbab\\xe4'") == "\"a\uFFFD\uFFFD\uFFFDb\uFFFD\"");
}

TEST_CASE("A result beyond its limit is the last line, and the log says so", "[bash]") {
  Harness harness(shipped("bash"));
  harness.script.settings["bash"] = R"({"result_limit_bytes": 65536})";
  const auto done = harness.run("bash", params("yes 0123456789 | head -n 100000; echo end"));
  CHECK(done.result == R"("end")");
  CHECK(done.text("stdout").size() == 1100004);
  CHECK(done.logged("more than a result can hold"));
  CHECK(done.logs.size() < 1100);
}

TEST_CASE("A host that is slow to take output gets all of it", "[bash]") {
  Harness harness(shipped("bash"));
  harness.script.refuse_emits = 2;
  CHECK(harness.run("bash", params("echo one; echo two")).text("stdout") == "one\ntwo\n");
}

TEST_CASE("Exit status 99 skips the task", "[bash]") {
  const auto done = run_bash("echo nothing new >&2; exit 99");
  CHECK(done.code == LW_SKIP);
  CHECK(done.error.message == "exit status 99: nothing new");
}

TEST_CASE("Which exit statuses skip the task can be chosen", "[bash]") {
  CHECK(run_bash("exit 5", R"(, "skip_on_exit_code": 5)").code == LW_SKIP);
  CHECK(run_bash("exit 99", R"(, "skip_on_exit_code": 5)").code == LW_RETRY);
  CHECK(run_bash("exit 6", R"(, "skip_on_exit_code": [5, 6])").code == LW_SKIP);
  CHECK(run_bash("exit 99", R"(, "skip_on_exit_code": null)").code == LW_RETRY);
  CHECK(run_bash("true", R"(, "skip_on_exit_code": 0)").code == LW_SKIP);
}

TEST_CASE("Any other exit status fails the task, with the last words", "[bash]") {
  const auto done = run_bash("echo first >&2; echo 'cannot do it' >&2; echo >&2; echo out; exit 3");
  CHECK(done.code == LW_RETRY);
  CHECK(done.error.type == "bash.exit_status");
  CHECK(done.error.message == "exit status 3: cannot do it");
  CHECK(done.error.details_json == R"({"exit_code":3,"signal":0})");
  CHECK(done.result == "null");
  CHECK(run_bash("kill -KILL $$").error.message == "killed by SIGKILL");
  CHECK_THAT(run_bash("no-such-command-here").error.message,
             Catch::Contains("exit status 127") && Catch::Contains("not found"));
}

TEST_CASE("Values stay data, whatever they contain", "[bash]") {
  const std::string value = GENERATE(as<std::string>{}, "; touch pwned", "$(touch pwned)", "`touch pwned`", "a\nb\n\n",
                                     "'\"\\", "-n", "--", "{x} {{y}} %s", "文字 😀", "* ~ $HOME", "&& false", "");
  const std::string command = R"-(printf '%s|%s' "$1" "$VALUE"; [ -z "$(ls)" ])-";
  const auto done = run_bash(
      command, R"(, "args": [)" + quote(value) + R"(], "env": {"VALUE": )" + quote(value) + R"(}, "append_env": true)");
  CHECK(done.code == LW_OK);
  CHECK(done.text("stdout") == value + "|" + value);
}

TEST_CASE("Values that are no strings arrive as JSON", "[bash]") {
  const auto done =
      run_bash(R"(printf '%s\n' "$@" "$#" "$E")", R"(, "args": [1, 2.5, true, null, [1, "a"], {"b": "文"}],
                             "env": {"E": {"a": 1}})");
  CHECK(done.text("stdout") == "1\n2.5\ntrue\n\n[1, \"a\"]\n{\"b\": \"文\"}\n6\n{\"a\": 1}\n");
}

TEST_CASE("The command is given to bash as it is written", "[bash]") {
  CHECK(output_of("echo '{name} {{x}}'") == R"("{name} {{x}}")");
  CHECK(run_bash("-x").code == LW_RETRY);
  CHECK(output_of("echo $0") == R"("bash")");
}

TEST_CASE("env replaces the environment, or is added to it", "[bash]") {
  ::setenv("LEEWARD_TEST_INHERITED", "yes", 1);
  const std::string show = "echo \"$LEEWARD_TEST_INHERITED-$A\"";
  CHECK(output_of(show) == R"("yes-")");
  CHECK(output_of(show, R"(, "env": {"A": "a"})") == R"("-a")");
  CHECK(output_of(show, R"(, "env": {"A": "a"}, "append_env": true)") == R"("yes-a")");
  CHECK(output_of(show, R"(, "env": {"LEEWARD_TEST_INHERITED": null}, "append_env": true)") == R"("-")");
  ::unsetenv("LEEWARD_TEST_INHERITED");
}

TEST_CASE("A command knows which attempt it is", "[bash]") {
  Harness harness(shipped("bash"));
  harness.script.info = {{"dag_id", "d"}, {"task_id", "t"}, {"try_number", "2"}};
  CHECK(harness
            .run("bash",
                 params("echo $LEEWARD_CTX_DAG_ID/$LEEWARD_CTX_TASK_ID/$LEEWARD_CTX_TRY_NUMBER", R"(, "env": {})"))
            .result == R"("d/t/2")");
}

TEST_CASE("A value that cannot be passed whole is refused", "[bash]") {
  const std::string rest = GENERATE(
      as<std::string>{}, R"(, "args": ["a", "b\u0000c"])", R"(, "env": {"A": "b\u0000c"})", R"(, "env": {"A=B": "c"})",
      R"(, "env": {"": "c"})", R"(, "cwd": "/usr\u0000x")", R"(, "args": [")" + std::string(200000, 'x') + "\"]");
  const auto done = run_bash("echo", rest);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bash.bad_value");
  CHECK(run_shipped("bash", "bash", R"({"command": "echo a\u0000b"})").error.type == "bash.bad_value");
}

TEST_CASE("A command runs in its directory, or in one that goes with it", "[bash]") {
  CHECK(output_of("pwd", R"(, "cwd": "/usr")") == R"("/usr")");
  const auto done = run_bash("mkdir sub; ln -s /usr sub/link; touch file; pwd");
  const std::string directory = done.result.substr(1, done.result.size() - 2);
  CHECK_THAT(directory, Catch::Contains("leeward-bash-"));
  CHECK_FALSE(std::filesystem::exists(directory));
  CHECK(std::filesystem::exists("/usr/bin"));
  const auto missing = run_bash("pwd", R"(, "cwd": "/no/such/directory")");
  CHECK(missing.code == LW_RETRY);
  CHECK_THAT(missing.error.message, Catch::Contains("/no/such/directory"));
}

TEST_CASE("A cancelled command takes its children with it", "[bash]") {
  Harness harness(shipped("bash"));
  std::string printed;
  harness.script.on_emit = [&](std::string_view, std::string_view chunk) {
    printed += chunk;
    if (printed.find("ready\n") == std::string::npos) return;
    harness.cancel();
    harness.cancel();
  };
  const auto done = harness.run("bash", params("sleep 1000 & echo $!; (sleep 1000 & echo $!); echo ready; sleep 1000"));
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
  std::istringstream words(printed);
  for (pid_t process = 0; words >> process;) CHECK_FALSE(processes::is_alive(process));
}

TEST_CASE("A cancelled command that does not want to stop is killed with its children, wherever they went", "[bash]") {
  Harness harness(shipped("bash"));
  harness.script.settings["bash"] = R"({"kill_grace_ms": 20})";
  std::string printed;
  harness.script.on_emit = [&](std::string_view, std::string_view chunk) {
    printed += chunk;
    if (printed.find("ready\n") != std::string::npos) harness.cancel();
  };
  const auto done = harness.run("bash", params("trap '' TERM; sleep 1000 & echo $!; setsid sleep 1000 & echo $!; "
                                               "(setsid -f bash -c 'echo $$; echo ready; exec sleep 1000'); "
                                               "while :; do wait; done"));
  CHECK(done.code == LW_CANCELLED);
  CHECK(done.problems.empty());
  std::istringstream words(printed);
  int processes_seen = 0;
  for (std::string word; words >> word;) {
    if (word == "ready") continue;
    ++processes_seen;
    CHECK_FALSE(processes::is_alive(std::stoi(word)));
  }
  CHECK(processes_seen == 3);
}

TEST_CASE("A task cancelled before it starts runs no command", "[bash]") {
  const auto file = std::filesystem::temp_directory_path() / ("leeward-bash-test-" + std::to_string(::getpid()));
  Harness harness(shipped("bash"));
  harness.cancel();
  CHECK(harness.run("bash", params("touch " + file.string())).code == LW_CANCELLED);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("A host without bash says so", "[bash]") {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const auto done = run_bash("true");
  ::setenv("PATH", path.c_str(), 1);
  CHECK(done.code == LW_FAIL);
  CHECK(done.error.type == "bash.not_found");
}

TEST_CASE("Settings that bash does not know are refused", "[bash]") {
  Harness harness(shipped("bash"));
  harness.script.settings["bash"] = R"({"grace": 1})";
  const auto done = harness.run("bash", params("true"));
  CHECK(done.code == LW_FAIL);
  CHECK_THAT(done.error.message, Catch::Contains("'grace'") && Catch::Contains("kill_grace_ms"));
}
