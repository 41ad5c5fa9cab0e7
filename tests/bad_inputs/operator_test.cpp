// Operators that fall over, hang, or take what is not theirs. Their plugin runs in a process of its own.
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/plugin_trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;

namespace {

struct BadPlugin : PluginTrial {
  BadPlugin() {
    copy("bad_operators", "bad.so");
    trial().quotes_last_words = true;
  }

  /// The task fails with this code, and with these words.
  Outcome fails(const std::string& what, const std::string& code, const std::vector<std::string>& words = {},
                const std::string& more_of_task = "") const {
    Outcome outcome = bad(what, "", more_of_task);
    CHECK(outcome.state("bad") == "failed");
    CHECK(outcome.code("bad") == code);
    check_code(code);
    const std::string message = text(outcome.task("bad")["error"]["message"]);
    for (const std::string& word : words) {
      INFO(word << " in: " << message);
      CHECK(has(message, word));
    }
    return outcome;
  }
};

std::string output(const Outcome& outcome, const char* task = "bad") {
  const Json value = outcome.task(task)["output"];
  return value.is_string() ? std::string(value.string()) : std::string(value.text());
}

}  // namespace

TEST_CASE("P011 An exception that leaves an operator is a failed attempt", "[bad_inputs][plugin]") {
  BadPlugin{}.fails("throw", "operator.exception");
}

TEST_CASE("P012 An operator that ends its program ends its runner", "[bad_inputs][plugin]") {
  if (skips_under_sanitizers()) return;
  BadPlugin{}.fails("noexcept", "plugin.crashed", {"SIGABRT"});
}

TEST_CASE("P013 A bad pointer ends the runner, and the attempt is tried again as the task says",
          "[bad_inputs][plugin]") {
  if (skips_under_sanitizers()) return;
  const Outcome outcome =
      BadPlugin{}.fails("null", "plugin.crashed", {"SIGSEGV"}, R"(, "retries": 1, "retry_delay": 0)");
  CHECK(outcome.task("bad")["attempts"].integer() == 2);
}

TEST_CASE("P014 A stack that is full ends the runner", "[bad_inputs][plugin]") {
  if (skips_under_sanitizers()) return;
  BadPlugin{}.fails("stack", "plugin.crashed", {"SIGSEGV"});
}

TEST_CASE("P015 An operator that exits with success has failed", "[bad_inputs][plugin]") {
  BadPlugin{}.fails("exit", "plugin.crashed", {"exit"});
}

TEST_CASE("P019 An operator that computes for ever is stopped after its time", "[bad_inputs][plugin]") {
  const Outcome outcome = BadPlugin{}.bad("loop", "", R"(, "execution_timeout": 0.5)");
  CHECK(outcome.state("bad") == "failed");
}

TEST_CASE("P020 An operator that ignores every signal is stopped after its time", "[bad_inputs][plugin]") {
  const Outcome outcome = BadPlugin{}.bad("deaf", "", R"(, "execution_timeout": 0.5)");
  CHECK(outcome.state("bad") == "failed");
}

TEST_CASE("P023 What an operator leaks is not the host's memory", "[bad_inputs][plugin]") {
  if (skips_under_sanitizers()) return;
  const BadPlugin plugins;
  const std::string leak = R"({"task_id": "leak", "operator": "bad.do", "with": {"do": "leak"},
                               "expand_kwargs": [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}]})";
  // The parent of a command is the host.
  const std::string look =
      R"({"task_id": "look", "operator": "bash", "depends_on": ["leak"], "trigger_rule": "all_done",
                               "with": {"command": "while read -r name size unit; do [ $name != VmHWM: ] || echo $size; done </proc/$PPID/status"}})";
  const Outcome outcome = plugins.trial().run(leak + ", " + look, {"--plugins", plugins.folder().string()});
  CHECK(outcome.state("look") == "success");
  REQUIRE(outcome.task("look")["output"].is_integer());
  CHECK(outcome.task("look")["output"].integer().value() < 160 * 1024);
}

TEST_CASE("P024 An operator that takes all memory reaches its own limit", "[bad_inputs][plugin]") {
  if (skips_under_sanitizers()) return;
  BadPlugin plugins;
  plugins.configure(R"({"isolation": {"limits": {"memory": "512MiB"}}})");
  const Outcome outcome = plugins.bad("memory");
  CHECK(outcome.state("bad") == "failed");
  check_code(outcome.code("bad"));
}

TEST_CASE("P026 An operator that opens a million files reaches its own limit", "[bad_inputs][plugin]") {
  BadPlugin plugins;
  plugins.configure(R"({"isolation": {"limits": {"files": 64}}})");
  const Outcome outcome = plugins.bad("files");
  CHECK(outcome.state("bad") == "success");
  CHECK(outcome.task("bad")["output"].integer().value() < 64);
}

TEST_CASE("P027 What an operator prints without end is read and forgotten", "[bad_inputs][plugin]") {
  const Outcome outcome = BadPlugin{}.bad("chatter");
  CHECK(outcome.state("bad") == "success");
  CHECK(outcome.ended.err.size() < (4u << 20));
}

TEST_CASE("P029 An operator that closes what it did not open fails alone", "[bad_inputs][plugin]") {
  BadPlugin{}.fails("close", "plugin.crashed");
}

TEST_CASE("P030 What an operator does to its surroundings, nobody else notices", "[bad_inputs][plugin]") {
  const BadPlugin plugins;
  const Outcome outcome = plugins.trial().run(
      R"({"task_id": "bad", "operator": "bad.do", "with": {"do": "surroundings"}},
         {"task_id": "after", "operator": "bash", "depends_on": ["bad"],
          "with": {"command": "echo \"$TZ $(umask)\"; command -v ls", "append_env": true}})",
      {"--plugins", plugins.folder().string()});
  CHECK(outcome.state("bad") == "success");
  CHECK(outcome.state("after") == "success");
  CHECK_FALSE(has(outcome.all(), "Kiritimati"));
}

TEST_CASE("P031 Functions that a plugin names like the C library's are used by nobody else", "[bad_inputs][plugin]") {
  BadPlugin plugins;
  plugins.copy("own_names", "own.so");
  const Outcome outcome = plugins.trial().run(R"({"task_id": "own", "operator": "own.names"},
    {"task_id": "other", "operator": "sample.echo", "depends_on": ["own"]})",
                                              {"--plugins", plugins.folder().string()});
  CHECK(outcome.state("own") == "success");
  CHECK(outcome.state("other") == "success");
}

TEST_CASE("P032 An operator cannot open what stands in the home folder", "[bad_inputs][plugin]") {
  const BadPlugin plugins;
  const std::string file = plugins.trial().home() + "/leeward.db";
  plugins.trial().dir().write("home/leeward.txt", "here");
  const Outcome outcome = plugins.bad("open", R"(, "file": ")" + file + "\"");
  CHECK(outcome.state("bad") == "success");
  CHECK(output(outcome) == "Permission denied");
}

TEST_CASE("P038 A result larger than any may be fails its task", "[bad_inputs][plugin]") {
  const BadPlugin plugins;
  const Outcome outcome = plugins.fails("large", "plugin.bad_result");
  CHECK(outcome.ended.out.size() < (1u << 20));
}

TEST_CASE("P039 A result that is no JSON fails its task", "[bad_inputs][plugin]") {
  for (const char* what : {"binary", "nonsense"}) BadPlugin{}.fails(what, "plugin.bad_result");
}

TEST_CASE("P041 An operator finds no key, neither in its own surroundings nor in the host's", "[bad_inputs][plugin]") {
  BadPlugin plugins;
  const std::string secret = "sk-stands-in-the-environment";
  const std::string key = plugins.trial().dir().write("key", secret).string();
  plugins.trial().environment["OPENAI_API_KEY"] = secret;
  const Outcome outcome = plugins.bad("spy", R"(, "word": "sk-stands-in", "file": ")" + key + "\"");
  CHECK(outcome.state("bad") == "success");
  CHECK(output(outcome) == "");
}
