#include "host/plugin/plugin_registry.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/host/plugin/host_fixture.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

const fs::path kSamples = LEEWARD_BINARY_DIR "/tests/samples";

struct Folder {
  Folder() { ::chmod(path().c_str(), 0755); }
  [[nodiscard]] fs::path path() const { return dir.path(); }
  fs::path copy(const std::string& sample, const std::string& as) const {
    fs::copy_file(kSamples / (sample + ".so"), path() / as);
    ::chmod((path() / as).c_str(), 0755);
    return path() / as;
  }
  fs::path file(const std::string& name, const std::string& content) const {
    std::ofstream{path() / name, std::ios::binary} << content;
    ::chmod((path() / name).c_str(), 0644);
    return path() / name;
  }
  TempDir dir;
};

struct Scanned {
  explicit Scanned(const Folder& folder, PluginRegistry::Settings settings = {})
      : registry(host.http, host.timers, host, std::move(settings)) {
    registry.scan(folder.path());
  }
  [[nodiscard]] const PluginRegistry::Problem* problem(const std::string& file) const {
    for (const auto& p : registry.problems()) {
      if (fs::path{p.file}.filename() == file) return &p;
    }
    return nullptr;
  }
  HostFixture host;
  PluginRegistry registry;
};

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool mentions(const PluginRegistry::Problem* problem, std::string_view text) {
  return problem != nullptr && problem->reason.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("PluginRegistry lists the operators of a plugin and runs one", "[host][plugin]") {
  const Folder folder;
  folder.copy("sample", "sample.so");
  Scanned s{folder};
  REQUIRE(s.registry.problems().empty());
  CHECK(s.registry.operator_names() == std::vector<std::string>{"sample.echo"});
  const OperatorInfo* info = s.registry.find_operator("sample.echo");
  REQUIRE(info != nullptr);
  CHECK(info->traits.pure);
  CHECK(info->traits.inline_execution);
  CHECK_FALSE(info->traits.async);
  CHECK(info->params_schema != nullptr);
  const auto attempt = std::make_shared<RecordingAttempt>(s.host.listener, R"({"a":1})");
  s.registry.operator_of(*info).execute(attempt);
  CHECK(attempt->wait().value.json() == R"({"a":1})");
  CHECK(s.registry.find_callable("sample.echo") == nullptr);
}

TEST_CASE("PluginRegistry names each file that it cannot load, and loads the others", "[host][plugin]") {
  const Folder folder;
  folder.copy("sample", "sample.so");
  folder.copy("sample_too_new", "too_new.so");
  folder.copy("sample_old_major", "old_major.so");
  folder.copy("sample_bad_stride", "bad_stride.so");
  folder.copy("sample_bad_schema", "bad_schema.so");
  folder.copy("sample_bad_init", "bad_init.so");
  folder.copy("sample_null", "null.so");
  folder.copy("sample_stranger", "stranger.so");
  folder.file("empty.so", "");
  folder.file("text.so", "I am a shell script, honestly\n");
  folder.file("README.md", "not looked at");
  fs::create_directory(folder.path() / "folder.so");
  fs::create_symlink("nowhere", folder.path() / "dangling.so");
  const Scanned s{folder};

  CHECK(s.registry.operator_names() == std::vector<std::string>{"sample.echo"});
  CHECK(mentions(s.problem("too_new.so"), "needs plugin interface 1.7; this leeward has 1.1"));
  CHECK(mentions(s.problem("old_major.so"), "built for plugin interface 0.9"));
  CHECK(mentions(s.problem("bad_stride.so"), "operator_stride is 8"));
  CHECK(mentions(s.problem("bad_schema.so"), "params_schema of operator \"bad_schema.echo\""));
  CHECK(mentions(s.problem("bad_init.so"), "the licence has run out"));
  CHECK(mentions(s.problem("null.so"), "returned nothing"));
  CHECK(mentions(s.problem("stranger.so"), "lw_plugin_entry_v1"));
  CHECK(mentions(s.problem("empty.so"), "empty"));
  CHECK(mentions(s.problem("text.so"), "no ELF header"));
  CHECK(mentions(s.problem("folder.so"), "not a regular file"));
  CHECK(s.problem("dangling.so") != nullptr);
  CHECK(s.registry.problems().size() == 11);
}

TEST_CASE("PluginRegistry refuses a name taken twice and names both files", "[host][plugin]") {
  const Folder folder;
  folder.copy("sample", "a.so");
  folder.copy("sample_same_operator", "b.so");
  folder.copy("sample", "c.so");
  const Scanned s{folder};
  CHECK(s.registry.plugins().size() == 1);
  CHECK(mentions(s.problem("b.so"),
                 "the operator name \"sample.echo\" is taken already, by " + (folder.path() / "a.so").string()));
  CHECK(mentions(s.problem("c.so"), "the plugin name \"sample\" is taken already"));
}

TEST_CASE("PluginRegistry passes over a folder or file that it has seen", "[host][plugin]") {
  const Folder folder;
  folder.copy("sample", "a.so");
  fs::create_symlink("a.so", folder.path() / "b.so");
  Scanned s{folder};
  s.registry.scan(folder.path() / ".");
  CHECK(s.registry.problems().empty());
  CHECK(s.registry.plugins().size() == 1);
}

TEST_CASE("PluginRegistry refuses what other users could have written, and prints the chmod", "[host][plugin]") {
  const Folder folder;
  const fs::path file = folder.copy("sample", "sample.so");
  ::chmod(file.c_str(), 0666);
  const Scanned loose_file{folder};
  CHECK(mentions(loose_file.problem("sample.so"), "chmod go-w '" + file.string() + "'"));
  ::chmod(file.c_str(), 0644);
  ::chmod(folder.path().c_str(), 0777);
  const Scanned loose_folder{folder};
  CHECK(loose_folder.registry.plugins().empty());
  REQUIRE(loose_folder.registry.problems().size() == 1);
  CHECK(mentions(&loose_folder.registry.problems()[0], "chmod go-w '" + folder.path().string() + "'"));
}

TEST_CASE("PluginRegistry names a folder that is not there", "[host][plugin]") {
  HostFixture host;
  PluginRegistry registry{host.http, host.timers, host, {}};
  registry.scan("/nowhere/plugins");
  REQUIRE(registry.problems().size() == 1);
  CHECK(registry.problems()[0].code == "plugin.no_folder");
}

TEST_CASE("PluginRegistry survives libraries cut short", "[host][plugin]") {
  const std::string whole = bytes_of(kSamples / "sample.so");
  const Folder folder;
  for (const std::size_t part : {1, 2, 3, 5, 7, 9}) {
    folder.file("cut" + std::to_string(part) + ".so", whole.substr(0, whole.size() * part / 10));
  }
  const Scanned s{folder};
  CHECK(s.registry.plugins().empty());
  CHECK(s.registry.problems().size() == 6);
}

TEST_CASE("A plugin keeps working when its file is overwritten or removed", "[host][plugin]") {
  const Folder folder;
  const fs::path file = folder.copy("sample", "sample.so");
  Scanned s{folder};
  REQUIRE(s.registry.plugins().size() == 1);
  std::ofstream{file, std::ios::binary | std::ios::trunc} << "gone";
  const OperatorInfo* info = s.registry.find_operator("sample.echo");
  const auto attempt = std::make_shared<RecordingAttempt>(s.host.listener, "{}");
  s.registry.operator_of(*info).execute(attempt);
  CHECK(attempt->wait().kind == OutcomeKind::success);
  fs::remove(file);
  const auto again = std::make_shared<RecordingAttempt>(s.host.listener, "{}");
  s.registry.operator_of(*info).execute(again);
  CHECK(again->wait().kind == OutcomeKind::success);
}
