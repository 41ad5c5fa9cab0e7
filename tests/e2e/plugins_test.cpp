#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

void drop(const std::string& sample, const TempDir& folder) {
  fs::copy_file(LEEWARD_BINARY_DIR "/tests/samples/" + sample + ".so", folder.path() / (sample + ".so"));
  ::chmod((folder.path() / (sample + ".so")).c_str(), 0755);
}

}  // namespace

TEST_CASE("A plugin dropped into a folder is used by run --plugins; bad neighbours are named", "[e2e]") {
  const TempDir folder;
  ::chmod(folder.path().c_str(), 0755);
  drop("sample", folder);
  drop("sample_too_new", folder);
  drop("sample_same_operator", folder);
  drop("sample_stranger", folder);
  fs::copy_file(LEEWARD_SOURCE_DIR "/CMakeLists.txt", folder.path() / "text.so");
  ::chmod((folder.path() / "text.so").c_str(), 0644);
  const TempDir dags;
  const std::string dag =
      dags.write("d.json",
                 R"({"dag_id": "d", "tasks": [{"task_id": "t", "operator": "sample.echo", "with": {"hello": "you"}}]})")
          .string();

  const Ended ended = run_leeward({"run", dag, "--json", "--plugins", folder.path().string()});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(task_of(ended.json()->root(), "t")["output"]["hello"].string() == "you");
  for (const char* part :
       {"sample_too_new.so: it needs plugin interface 1.7; this leeward has 1.1", "text.so: not a shared library",
        "sample_stranger.so: a shared library, but no Leeward plugin", "sample_same_operator.so: the operator name"}) {
    INFO(part);
    CHECK(ended.err.find(part) != std::string::npos);
  }
  CHECK(run_leeward({"run", dag}).status == 2);
  CHECK(run_leeward({"run", dag}, {{"LEEWARD_PLUGINS", folder.path().string()}}).status == 0);
}

TEST_CASE("plugins list shows what ships and what was not loaded", "[e2e]") {
  const Ended text = run_leeward({"plugins", "list"});
  CHECK(text.status == 0);
  CHECK(text.out.find("llm") != std::string::npos);
  const Ended ended = run_leeward({"plugins", "list", "--json", "--plugins", "/nonexistent/plugins"});
  CHECK(ended.status == 0);
  const auto document = ended.json();
  std::vector<std::string> names;
  for (const Json plugin : document->root()["plugins"]) {
    for (const Json op : plugin["operators"]) names.emplace_back(op["name"].string());
  }
  for (const char* name :
       {"empty", "llm", "branch", "callable", "bash", "text_processing", "text.join", "content.extract_data",
        "short_circuit", "latest_only", "approval", "time_sensor", "file_sensor", "http_sensor"}) {
    INFO(name);
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
  }
  CHECK(document->root()["problems"].size() == 1);
}

TEST_CASE("What the kernel lacks to confine plugins is told with them", "[e2e]") {
  const auto list = run_leeward({"plugins", "list", "--json"}).json();
  const Json gaps = list->root()["sandbox_gaps"];
  REQUIRE(gaps.is_array());
  const std::string said = run_leeward({"plugins", "list"}).err;
  CHECK(has(said, "of what confines plugins, here is missing") == (gaps.size() > 0));
  for (const Json gap : gaps) CHECK(has(said, gap.string()));
}

TEST_CASE("plugins inspect says why a file is refused, also one that a folder brought already", "[e2e]") {
  const std::string samples = LEEWARD_BINARY_DIR "/tests/samples";
  const std::string file = samples + "/sample_too_new.so";
  const std::string roundabout = samples + "/../samples/sample_too_new.so";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"plugins", "inspect", file},
        std::vector<std::string>{"plugins", "inspect", file, "--plugins", samples + "/../samples"},
        std::vector<std::string>{"plugins", "inspect", roundabout, "--plugins", samples}}) {
    const Ended ended = run_leeward(words);
    INFO(ended.err);
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("leeward: " + words[2] + ": it needs plugin interface 1.7") != std::string::npos);
  }
  const Ended text = run_leeward({"plugins", "inspect", LEEWARD_SOURCE_DIR "/CMakeLists.txt"});
  CHECK(text.status == 2);
  CHECK(text.err.find("not a shared library") != std::string::npos);
}

TEST_CASE("plugins inspect shows an operator, a plugin, and a file", "[e2e]") {
  const auto document = run_leeward({"plugins", "inspect", "llm", "--json"}).json();
  const Json op = document->root()["operators"].at(0);
  CHECK(op["name"].string() == "llm");
  CHECK(op["params_schema"]["properties"]["prompt"].exists());
  const Ended file = run_leeward({"plugins", "inspect", LEEWARD_BINARY_DIR "/tests/samples/sample.so"});
  CHECK(file.status == 0);
  CHECK(file.out.find("sample.echo") != std::string::npos);
  const Ended llm = run_leeward({"plugins", "inspect", "llm"});
  for (const char* part : {"flags: async concurrent streams", "    prompt: string\n        What the model is asked",
                           "    temperature: number", ", default 0.7\n", "(--json prints the whole schema)"}) {
    INFO(part << "\n" << llm.out);
    CHECK(llm.out.find(part) != std::string::npos);
  }
  const Ended slip = run_leeward({"plugins", "inspect", "lllm"});
  CHECK(slip.status == 2);
  CHECK(slip.err.find("did you mean \"llm\"?") != std::string::npos);
}
