// Canaries: secrets that pass through a run in every way, and must be found nowhere afterwards.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "core/base/digest.hpp"
#include "tests/e2e/program.hpp"
#include "tests/support/canary.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A key goes out in a header, so it is plain ASCII.
const std::string kKey = "kanarie-Key/7+9%Zx=\\w\"q";

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// Every line is a secret in one form, with its name before.
std::string echoes(const std::string& secret) {
  std::string lines;
  for (const auto& [name, form] : forms_of(secret)) lines += name + ": " + form + "\n";
  return lines;
}
std::string masked_echoes(const std::string& secret) {
  std::string lines;
  for (const auto& [name, form] : forms_of(secret)) lines += name + ": ***\n";
  return lines;
}

struct Found {
  std::size_t searches = 0;  ///< a form in a sink
  std::size_t sinks = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> hits;
};

/// Looks for both secrets in every form, also with a little missing at the end.
void search(const std::string& where, const std::string& text, Found& found) {
  ++found.sinks;
  found.bytes += text.size();
  for (const std::string& secret : {kKey, kCanary}) {
    for (const auto& [name, form] : forms_of(secret)) {
      ++found.searches;
      if (text.find(form.substr(0, form.size() - 4)) != std::string::npos) found.hits.push_back(name + " in " + where);
    }
  }
}

std::size_t masks_in(const std::string& text) {
  std::size_t masks = 0;
  for (std::size_t at = text.find("***"); at != std::string::npos; at = text.find("***", at + 3)) ++masks;
  return masks;
}

const char* kDag = R"({"dag_id": "canary", "default_args": {"retries": 0}, "tasks": [
  {"task_id": "plain", "operator": "llm", "with": {"prompt": "say it", "model": "m", "max_retries": 0}, "output_key": "plain"},
  {"task_id": "streamed", "operator": "llm", "output_key": "streamed",
   "with": {"prompt": "say it", "model": "m", "max_retries": 0, "stream": true}},
  {"task_id": "refused", "operator": "llm", "with": {"prompt": "refuse", "model": "m", "max_retries": 0}},
  {"task_id": "digest", "operator": "bash", "output_key": "digest",
   "with": {"command": "printf %s \"$TOKEN\" | sha256sum | cut -d' ' -f1", "append_env": true, "env": {"TOKEN": "secret://TOKEN"}}},
  {"task_id": "prints", "operator": "bash", "output_key": "printed",
   "with": {"command": "cat \"$FORMS\"; cat \"$FORMS\" >&2; printf '{\"%s\": 1}' plain; printf '\\n%s' \"$TOKEN\"",
            "append_env": true, "env": {"TOKEN": "secret://TOKEN", "FORMS": "{params.forms}"}}},
  {"task_id": "fails", "operator": "bash",
   "with": {"command": "echo \"it is $TOKEN\" >&2; exit 3", "append_env": true, "env": {"TOKEN": "secret://TOKEN"}}},
  {"task_id": "args", "operator": "bash", "output_key": "args", "with": {"command": "echo \"$1\"", "args": ["secret://TOKEN"]}}
 ], "params": {"forms": ""}})";

struct World {
  World() {
    JsonWriter script;
    script.begin_object().member("api_key", kKey).key("rules").begin_array();
    script.begin_object().member("contains", "say it").member("text", echoes(kKey) + echoes(kCanary)).end_object();
    script.begin_object()
        .member("contains", "refuse")
        .key("status")
        .integer(400)
        .member("error", "bad: " + echoes(kKey));
    script.end_object().end_array().end_object();
    server = std::make_unique<Program>(
        leeward_words({"mock-llm", "--script", dir.write("script.json", script.text()).string()}),
        Program::Environment{});
    url = server->out_line();
    dag = dir.write("canary.json", kDag).string();
    const fs::path key = dir.write("key", kKey + "\n");
    fs::permissions(key, fs::perms::owner_read | fs::perms::owner_write);
    grants = R"("secrets": {"TOKEN": {"from": "secret://env/CANARY", "dags": ["canary"], "operators": ["bash"]}})";
    connections = R"("connections": {"llm_default": {"base_url": ")" + url + R"(", "api_key": "secret://file)" +
                  key.string() + R"("}})";
  }
  Ended run(const std::string& config) {
    const std::string file = dir.write("config.json", config).string();
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return run_leeward({"run", dag, "--json", "--home", home().string(), "--config", file, "--log-level", "trace",
                        "--param", "forms=" + dir.write("forms", echoes(kCanary) + echoes(kKey)).string()},
                       {{"CANARY", kCanary}});
  }
  [[nodiscard]] fs::path home() const { return dir / "home"; }

  TempDir dir;
  std::unique_ptr<Program> server;
  std::string url, dag, grants, connections;
};

}  // namespace

TEST_CASE("Canaries in every form pass through a run and are found nowhere", "[e2e]") {
  World world;
  const Ended ended = world.run("{" + world.connections + ", " + world.grants + "}");
  INFO(ended.err);
  REQUIRE(ended.status == 1);  // one task fails, one is refused
  Found planted;
  search("what is planted", echoes(kKey) + echoes(kCanary), planted);
  CHECK(planted.hits.size() == planted.searches);  // the search can find every form
  const auto document = ended.json();
  const Json context = document->root()["context"];

  // They were really there: the mock wants the key, and the digest is the secret's.
  CHECK(task_of(document->root(), "plain")["state"].string() == "success");
  CHECK(context["digest"].string() == sha256_hex(kCanary));
  CHECK(context["plain"].string() == masked_echoes(kKey) + masked_echoes(kCanary));
  CHECK(context["streamed"].string() == masked_echoes(kKey) + masked_echoes(kCanary));
  CHECK(context["printed"].string() == "***");
  CHECK(context["args"].string() == "secret://TOKEN");  // not a place for secrets: text, as validate says
  CHECK(task_of(document->root(), "fails")["error"]["message"].string() == "exit status 3: it is ***");
  const std::string_view refusal = task_of(document->root(), "refused")["error"]["message"].string();
  CHECK(refusal.find("***") != std::string_view::npos);

  Found found;
  search("stdout", ended.out, found);
  search("stderr", ended.err, found);
  std::size_t masks = masks_in(ended.out) + masks_in(ended.err);
  std::size_t logs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(world.home())) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = bytes_of(entry.path());
    search(entry.path().string(), bytes, found);
    masks += masks_in(bytes);
    logs += entry.path().extension() == ".log";
  }
  for (const std::string& hit : found.hits) UNSCOPED_INFO(hit);
  CHECK(found.hits.empty());
  CHECK(masks > 4 * forms_of(kKey).size());
  CHECK(logs >= 4);
  CHECK(bytes_of(world.home() / "logs/canary" / std::string{document->root()["run_id"].string()} / "prints/1.log")
            .find("OUTPUT raw: ***") != std::string::npos);
  std::cout << "canaries: " << found.hits.size() << " hits in " << found.searches << " searches, " << found.sinks
            << " sinks, " << found.bytes << " bytes, " << masks << " masks\n";
}

TEST_CASE("A secret that was not granted reaches no task, and where one comes by it, no sink", "[e2e]") {
  World world;
  const std::string key_file = (world.dir / "key").string();
  const auto dag = world.dir.write("thief.json", R"({"dag_id": "thief", "tasks": [
    {"task_id": "inherits", "operator": "bash", "output_key": "inherited",
     "with": {"command": "echo \"[$CANARY$OPENAI_API_KEY$LEFT]\""}},
    {"task_id": "appends", "operator": "bash", "output_key": "appended",
     "with": {"command": "echo \"[$CANARY$OPENAI_API_KEY$MINE]\"", "env": {"MINE": "x"}, "append_env": true}},
    {"task_id": "peeks", "operator": "bash", "output_key": "peeked",
     "with": {"command": "tr '\\0' '\\n' < /proc/$PPID/environ | grep -a -e Kanarie -e kanarie || echo none"}},
    {"task_id": "reads", "operator": "bash", "output_key": "read", "with": {"command": "cat )" +
                                                     key_file + R"("}}]})");
  const auto config = world.dir.write("config.json", R"({"secrets": {
    "TOKEN": {"from": "secret://env/CANARY", "dags": ["other"]},
    "KEY": {"from": "secret://file)" + key_file + R"(", "dags": ["other"]}}})");
  const Ended ended =
      run_leeward({"run", dag.string(), "--json", "--home", world.home().string(), "--config", config.string()},
                  {{"CANARY", kCanary}, {"OPENAI_API_KEY", kKey}, {"LEFT", "left"}});
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  const auto document = ended.json();
  const Json context = document->root()["context"];
  CHECK(context["inherited"].string() == "[left]");
  CHECK(context["appended"].string() == "[x]");
  CHECK(context["peeked"].string() == "none");
  CHECK(context["read"].string() == "***");
  Found found;
  search("stdout", ended.out, found);
  search("stderr", ended.err, found);
  for (const auto& entry : fs::recursive_directory_iterator(world.home()))
    if (entry.is_regular_file()) search(entry.path().string(), bytes_of(entry.path()), found);
  CHECK(found.hits.empty());
  CHECK(found.sinks > 5);
}

TEST_CASE("A secret that was not granted is a mistake before anything runs", "[e2e]") {
  World world;
  const Ended none = world.run("{" + world.connections + "}");
  CHECK(none.status == 2);
  CHECK(none.err.find(
            R"(task "digest" /with/env/TOKEN: "secret://TOKEN": the configuration has no such secret; add it there: )"
            R"({"secrets": {"TOKEN": {"from": "secret://env/NAME", "dags": ["canary"], "operators": ["bash"]}}})") !=
        std::string::npos);
  const Ended other = world.run("{" + world.connections +
                                R"(, "secrets": {"TOKEN": {"from": "secret://env/CANARY", "dags": ["other"]}}})");
  CHECK(other.status == 2);
  CHECK(other.err.find("not granted to \"canary\"; add that to /secrets/TOKEN/dags") != std::string::npos);
  const Ended valid = run_leeward({"validate", world.dag});
  CHECK(valid.status == 0);
  CHECK(valid.err.find("task \"args\" /with/args/0: \"secret://TOKEN\" stays text here") != std::string::npos);
}

TEST_CASE("A key in a file that others may read is refused before anything runs", "[e2e]") {
  World world;
  fs::permissions(world.dir / "key", fs::perms::others_read, fs::perm_options::add);
  const Ended ended = world.run("{" + world.connections + ", " + world.grants + "}");
  CHECK(ended.status == 2);
  CHECK(ended.err.find("mend it: chmod g") != std::string::npos);
}
