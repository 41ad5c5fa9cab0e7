#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

// One mistake each: an unknown key, an unknown operator, a wrong type in `with`, a duplicate id, a missing dependency,
// a template name that nobody publishes.
const std::string kMistakes = R"({
  "dag_id": "bad",
  "shedule": "@daily",
  "tasks": [
    {"task_id": "a", "operator": "emptyy"},
    {"task_id": "b", "operator": "llm", "with": {"prompt": "x", "model": "m", "temperature": "hot"}},
    {"task_id": "b", "operator": "empty"},
    {"task_id": "c", "operator": "empty", "depends_on": ["ghost"]},
    {"task_id": "d", "operator": "llm", "with": {"prompt": "{nobody}", "model": "m"}}
  ]
})";

}  // namespace

TEST_CASE("validate tells every mistake of a file at once, each with its place", "[e2e]") {
  const TempDir dir;
  const std::string file = dir.write("bad.json", kMistakes).string();
  const Ended ended = run_leeward({"validate", file});
  CHECK(ended.status == 2);
  INFO(ended.out);
  CHECK(has(ended.out, file + ":3:"));
  CHECK(has(ended.out, "did you mean \"schedule\"?"));
  CHECK(has(ended.out, file + ":5:"));
  CHECK(has(ended.out, "did you mean \"empty\"?"));
  CHECK(has(ended.out, file + ":6:"));
  CHECK(has(ended.out, "/tasks/1/with/temperature"));
  CHECK(has(ended.out, file + ":7:"));
  CHECK(has(ended.out, "ghost"));
  CHECK(has(ended.out, "nobody"));
}

TEST_CASE("validate --json gives the same as a list", "[e2e]") {
  const TempDir dir;
  const std::string file = dir.write("bad.json", kMistakes).string();
  const Ended ended = run_leeward({"validate", "--json", file});
  CHECK(ended.status == 2);
  const auto document = ended.json();
  REQUIRE(document->root().is_array());
  CHECK(document->root().size() >= 6);
  for (const Json mistake : document->root()) {
    CHECK(mistake["file"].string() == file);
    CHECK(mistake["line"].integer().value() > 0);
    CHECK(mistake["column"].integer().value() > 0);
    CHECK_FALSE(mistake["code"].string().empty());
    CHECK_FALSE(mistake["message"].string().empty());
    CHECK(mistake["pointer"].is_string());
  }
}

TEST_CASE("validate finds a cycle and names its path", "[e2e]") {
  const TempDir dir;
  const std::string file = dir.write("cycle.json", R"({"dag_id": "c", "tasks": [
    {"task_id": "x", "operator": "empty"}, {"task_id": "y", "operator": "empty"}],
    "dependencies": ["x >> y >> x"]})")
                               .string();
  const Ended ended = run_leeward({"validate", file});
  CHECK(ended.status == 2);
  CHECK(has(ended.out, "cycle"));
}

TEST_CASE("validate is not felled by what people feed it", "[e2e]") {
  const TempDir dir;
  const std::vector<std::string> bad = {
      dir.write("empty.json", "").string(),
      dir.write("syntax.json", "{\"dag_id\": }").string(),
      dir.write("deep.json", std::string(100'000, '[') + std::string(100'000, ']')).string(),
      dir.write("string.json", "{\"dag_id\": \"" + std::string(2'000'000, 'x') + "\", \"tasks\": []}").string(),
      dir.write("binary.json", std::string("\x00\xff\xfe", 3)).string(),
      dir.write("list.json", "[1, 2]").string(),
      dir.path().string(),
      (dir.path() / "missing.json").string(),
  };
  const std::string pipe = (dir.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (std::string file : bad) {
    const Ended ended = run_leeward({"validate", "--json", file});
    INFO(file << "\n" << ended.err);
    CHECK(ended.status == 2);
    REQUIRE(ended.json()->root().size() >= 1);
    CHECK(ended.json()->root().at(0)["file"].string() == file);
  }
  const Ended ended = run_leeward({"validate", pipe});
  CHECK(ended.status == 2);
  CHECK(has(ended.out, "it is a pipe"));
}

TEST_CASE("validate says so when a file is right", "[e2e]") {
  const TempDir dir;
  const std::string file =
      dir.write("ok.json", R"({"dag_id": "ok", "tasks": [{"task_id": "x", "operator": "empty"}]})").string();
  const Ended ended = run_leeward({"validate", file});
  CHECK(ended.status == 0);
  CHECK(has(ended.out, "ok, DAG ok with 1 task"));
  CHECK(run_leeward({"validate", "--json", file}).out == "[]\n");
}

TEST_CASE("A mistyped option or verb exits 2 with a guess", "[e2e]") {
  CHECK(has(run_leeward({"run", "x.json", "--jsno"}).err, "did you mean --json?"));
  CHECK(run_leeward({"run", "x.json", "--jsno"}).status == 2);
  CHECK(has(run_leeward({"vaildate"}).err, "did you mean \"validate\"?"));
  CHECK(run_leeward({"run"}).status == 2);
  CHECK(run_leeward({}).status == 2);
  for (const char* verb : {"run", "validate", "mock-llm", "version"}) {
    const Ended help = run_leeward({verb, "--help"});
    CHECK(help.status == 0);
    CHECK(has(help.out, std::string{"usage: leeward "} + verb));
  }
  CHECK(run_leeward({"--help"}).status == 0);
  const Ended version = run_leeward({"version", "--json"});
  CHECK(version.json()->root()["abi"].string() == "1.1");
}
