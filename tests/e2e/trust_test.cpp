// Which plugins may be used: plugins.lock, --locked, and what keeps a file out.
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/e2e/program.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A home folder, a plugin in a folder of its own, and a DAG that uses it.
struct Place {
  Place() {
    ::chmod(dir.path().c_str(), 0755);
    fs::create_directories(dir / "plugins");
    ::chmod((dir / "plugins").c_str(), 0755);
    fs::copy_file(LEEWARD_BINARY_DIR "/tests/samples/sample.so", plugin);
    ::chmod(plugin.c_str(), 0644);
    dir.write("d.json", R"({"dag_id": "d", "tasks": [{"task_id": "t", "operator": "sample.echo"}]})");
  }
  [[nodiscard]] Ended leeward(std::vector<std::string> words, Program::Environment environment = {}) const {
    environment.emplace("LEEWARD_HOME", (dir / "home").string());
    environment.emplace("LEEWARD_PLUGINS", (dir / "plugins").string());
    return run_leeward(std::move(words), std::move(environment));
  }
  TempDir dir;
  fs::path plugin = dir / "plugins/sample.so";
  std::string dag = (dir / "d.json").string();
};

void append_byte(const fs::path& file) { std::ofstream{file, std::ios::app | std::ios::binary} << '\0'; }

}  // namespace

TEST_CASE("Locked, a plugin is used once it is trusted and refused when it has changed", "[e2e]") {
  const Place place;
  CHECK(place.leeward({"validate", place.dag}).status == 0);
  const Ended refused = place.leeward({"validate", place.dag, "--locked"});
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "it is not in plugins.lock"));
  CHECK(has(refused.err,
            "leeward plugins trust --home " + (place.dir / "home").string() + " '" + place.plugin.string() + "'"));

  const Ended trusted = place.leeward({"plugins", "trust", place.plugin.string()});
  CHECK(trusted.status == 0);
  CHECK(has(trusted.out, "sample  " + place.plugin.string() + ": added, version 1.2.3, sha256 "));
  CHECK(has(place.leeward({"plugins", "trust", "sample"}).out, ": unchanged"));
  CHECK(place.leeward({"validate", place.dag, "--locked"}).status == 0);
  CHECK(place.leeward({"run", place.dag, "--locked"}).status == 0);
  CHECK(has(place.leeward({"plugins", "list"}, {{"LEEWARD_LOCKED", "1"}}).out, "sample.echo"));

  append_byte(place.plugin);
  const Ended warned = place.leeward({"validate", place.dag});
  CHECK(warned.status == 0);
  CHECK(has(warned.err, "plugin \"sample\" is not what plugins.lock trusts"));
  CHECK(place.leeward({"validate", place.dag}, {{"LEEWARD_LOCKED", "1"}}).status == 2);
  CHECK(place.leeward({"validate", place.dag}, {{"LEEWARD_LOCKED", "0"}}).status == 0);
  CHECK(place.leeward({"validate", place.dag}, {{"LEEWARD_LOCKED", "maybe"}}).status == 2);
  CHECK(has(place.leeward({"plugins", "trust", "sample"}).out, "contents changed, sha256 "));
  CHECK(place.leeward({"validate", place.dag, "--locked"}).status == 0);
}

TEST_CASE("A home folder, a configuration and a plugin can be named from where one stands", "[e2e]") {
  const Place place;
  place.dir.write("home/config.json", "{}");
  ::chmod((place.dir / "home/config.json").c_str(), 0600);
  const std::string here = fs::relative(place.dir.path()).string();
  const std::vector<std::string> options{"--home", here + "/home", "--config", here + "/home/config.json"};
  std::vector<std::string> words{"plugins", "check", here + "/plugins/sample.so"};
  words.insert(words.end(), options.begin(), options.end());
  const Ended ended = run_leeward(words);
  INFO(ended.err);
  CHECK(ended.status == 0);
}

TEST_CASE("The configuration can lock, and flag and environment say otherwise", "[e2e]") {
  const Place place;
  place.dir.write("home/config.json", R"({"locked": true})");
  ::chmod((place.dir / "home/config.json").c_str(), 0600);
  CHECK(place.leeward({"validate", place.dag}).status == 2);
  CHECK(place.leeward({"validate", place.dag}, {{"LEEWARD_LOCKED", "0"}}).status == 0);
  CHECK(place.leeward({"plugins", "trust", "sample"}).status == 0);
  CHECK(place.leeward({"validate", place.dag}).status == 0);
}

TEST_CASE("A damaged plugins.lock stops what would rely on it", "[e2e]") {
  const Place place;
  place.dir.write("home/plugins.lock", "{\"version\": 1,");
  ::chmod((place.dir / "home/plugins.lock").c_str(), 0600);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"validate", place.dag}, std::vector<std::string>{"plugins", "trust", "sample"}}) {
    const Ended ended = place.leeward(words);
    CHECK(ended.status == 2);
    CHECK(has(ended.err, "plugins.lock:1:"));
  }
}

TEST_CASE("plugins trust and check refuse what is no plugin, with a guess", "[e2e]") {
  const Place place;
  const Ended slip = place.leeward({"plugins", "trust", "sampel"});
  CHECK(slip.status == 2);
  CHECK(has(slip.err, "did you mean \"sample\"?"));
  CHECK(has(slip.err, "nothing was trusted"));
  const Ended mixed = place.leeward({"plugins", "trust", "sample", place.dag});
  CHECK(mixed.status == 2);
  CHECK_FALSE(fs::exists(place.dir / "home/plugins.lock"));
  CHECK(place.leeward({"plugins", "trust"}).status == 2);
  CHECK(place.leeward({"plugins", "check", place.dag}).status == 2);
}

TEST_CASE("A plugins.lock that cannot be read is the host's trouble, not a mistake of the user's", "[e2e]") {
  const Place place;
  fs::create_directories(place.dir / "home/plugins.lock");
  ::chmod((place.dir / "home").c_str(), 0700);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"plugins", "list"},
                                                {"plugins", "check", "sample"},
                                                {"plugins", "trust", "sample"},
                                                {"run", place.dag}}) {
    const Ended ended = place.leeward(words);
    INFO(words[0] << " " << words[1]);
    CHECK(ended.status == 3);
    CHECK(has(ended.err, "plugins.lock: cannot read it: not a regular file"));
  }
}

TEST_CASE("plugins check tells what a plugin brings, or how it ended the process that loaded it", "[e2e]") {
  const Place place;
  const Ended good = place.leeward({"plugins", "check", "sample", "--json"});
  CHECK(good.status == 0);
  const auto document = good.json();
  const Json first = document->root().at(0);
  CHECK(first["ok"].boolean());
  CHECK(first["name"].string() == "sample");
  CHECK(first["operators"].at(0).string() == "sample.echo");
  CHECK(first["sandbox_gaps"].is_array());
  const std::string bad = LEEWARD_BINARY_DIR "/tests/samples/hostile/sample_segv.so";
  const Ended crashed = place.leeward({"plugins", "check", bad});
  CHECK(crashed.status == 2);
  CHECK(has(crashed.err, "was killed by SIGSEGV"));
}
