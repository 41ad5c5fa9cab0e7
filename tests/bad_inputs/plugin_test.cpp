// Files that are no plugins, or plugins that nobody should load.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/bad_inputs/plugin_trial.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;
using namespace leeward::test;
namespace fs = std::filesystem;

namespace {

/// A copy of the sound plugin of which one byte is another.
std::string with_byte(std::size_t at, char byte) {
  std::string bytes = PluginTrial::bytes_of("sample");
  bytes.at(at) = byte;
  return bytes;
}

bool lists(const JsonDocument& listed, std::string_view plugin) {
  for (const Json entry : listed.root()["plugins"]) {
    if (entry["name"].string() == plugin) return true;
  }
  return false;
}

/// A folder with the sound plugin and a file of these bytes, which is refused.
void refuses_bytes(const std::string& bytes, const char* code, const std::vector<std::string>& words) {
  PluginTrial plugins;
  plugins.put("x.so", bytes);
  plugins.refuses("x.so", code, words);
}

/// The same with a copy of a built library.
void refuses_copy_of(const char* sample, const char* code, const std::vector<std::string>& words = {}) {
  refuses_bytes(PluginTrial::bytes_of(sample), code, words);
}

/// Two plugins, both of which the user trusts.
void put_trusted(PluginTrial& plugins, const char* sample) {
  plugins.copy(sample, "x.so");
  for (const char* const name : {"sample.so", "x.so"}) {
    CHECK(plugins.leeward({"plugins", "trust", plugins.file(name).string()}).status == 0);
  }
}

}  // namespace

TEST_CASE("P001 A text is no plugin", "[bad_inputs][plugin]") {
  refuses_bytes("not an elf\n", "plugin.not_a_plugin", {"no ELF header"});
}

TEST_CASE("P002 An empty file is no plugin", "[bad_inputs][plugin]") {
  refuses_bytes("", "plugin.not_a_plugin", {"empty"});
}

TEST_CASE("P003 A plugin that was cut short is not loaded, wherever it was cut", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  const std::string whole = PluginTrial::bytes_of("sample");
  const std::vector<std::size_t> kCuts{1, 10, 63, 64, 500, 2'000, whole.size() / 2, whole.size() - 1};
  for (const std::size_t cut : kCuts) plugins.put("cut" + std::to_string(cut) + ".so", whole.substr(0, cut));
  for (const std::size_t cut : {kCuts.front(), kCuts[5], kCuts.back()}) {
    plugins.refuses("cut" + std::to_string(cut) + ".so", "plugin.not_a_plugin");
  }
  CHECK(plugins.list()->root()["problems"].size() == kCuts.size());
}

TEST_CASE("P004 A plugin for another machine is refused by its name", "[bad_inputs][plugin]") {
  refuses_bytes(with_byte(18, '\x01'), "plugin.not_a_plugin", {"another kind of machine"});
}

TEST_CASE("P005 A plugin for 32-bit programs is refused", "[bad_inputs][plugin]") {
  refuses_bytes(with_byte(4, 1), "plugin.not_a_plugin", {"32-bit"});
}

TEST_CASE("P006 A plugin that needs a function which nobody has is refused when it is loaded", "[bad_inputs][plugin]") {
  refuses_copy_of("sample_undefined", "plugin.load", {"a_function_that_nobody_has"});
}

TEST_CASE("P007 A library without the entry point is no plugin, and is never loaded", "[bad_inputs][plugin]") {
  refuses_copy_of("sample_stranger", "plugin.not_a_plugin", {"lw_plugin_entry_v1"});
}

TEST_CASE("P008 A plugin for another interface is refused, and both versions are told", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  for (const char* sample : {"sample_too_new", "sample_old_major", "sample_abi_0", "sample_abi_max"}) {
    plugins.copy(sample, std::string(sample) + ".so");
  }
  plugins.refuses("sample_too_new.so", "plugin.abi", {"1.7", "this leeward has"});
  plugins.refuses("sample_old_major.so", "plugin.abi", {"0.9"});
  plugins.refuses("sample_abi_0.so", "plugin.abi", {"0.0"});
  plugins.refuses("sample_abi_max.so", "plugin.abi", {"65535.65535"});
}

TEST_CASE("P016 A plugin that ends the process when it is loaded ends a probe", "[bad_inputs][plugin]") {
  refuses_copy_of("sample_exits", "plugin.crashed");
}

TEST_CASE("P017 A plugin that falls over when it is loaded falls over in a probe", "[bad_inputs][plugin]") {
  refuses_copy_of("sample_segv", "plugin.crashed", {"SIGSEGV"});
}

TEST_CASE("P018 A plugin that never ends being loaded is given up", "[bad_inputs][plugin]") {
  refuses_copy_of("sample_hangs", "plugin.hung");
}

TEST_CASE("P033 A plugin that others could have written is not loaded", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  plugins.copy("sample_same_operator", "x.so");
  REQUIRE(::chmod(plugins.file("x.so").c_str(), 0666) == 0);
  plugins.refuses("x.so", "plugin.permissions", {"chmod go-w"});
  REQUIRE(::chmod(plugins.folder().c_str(), 0777) == 0);
  const auto listed = JsonDocument::parse(plugins.leeward({"plugins", "list", "--json"}).out, "stdout");
  REQUIRE(listed);
  CHECK_FALSE(lists(**listed, "sample"));
  REQUIRE(::chmod(plugins.folder().c_str(), 0755) == 0);
  if (::geteuid() != 0) {
    WARN("SKIP: the plugin of another owner is not tried, because only root may give a file away");
    return;
  }
  plugins.copy("sample_same_operator", "x.so");
  REQUIRE(::chown(plugins.file("x.so").c_str(), 12345, 12345) == 0);
  plugins.refuses("x.so", "plugin.permissions", {"belongs to another user"});
}

TEST_CASE("P034 What is loaded is what was checked, however the files are swapped", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  put_trusted(plugins, "own_names");
  const std::string trusted = PluginTrial::bytes_of("own_names");
  const std::string other = PluginTrial::bytes_of("bad_operators");
  std::atomic<bool> stop{false};
  std::thread swapper([&] {
    for (bool turn = true; !stop; turn = !turn) {
      plugins.put("next", turn ? other : trusted);
      fs::rename(plugins.file("next"), plugins.file("x.so"));
    }
  });
  for (int look = 0; look < 10; ++look) CHECK_FALSE(lists(*plugins.list({"--locked"}), "bad"));
  stop = true;
  swapper.join();
}

TEST_CASE("P035 Of a trusted plugin not a byte may change", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  put_trusted(plugins, "own_names");
  CHECK(lists(*plugins.list({"--locked"}), "own_names"));
  std::string bytes = PluginTrial::bytes_of("own_names");
  bytes.at(bytes.find("Does nothing.")) = 'd';
  plugins.put("x.so", bytes);
  const auto listed = plugins.list({"--locked"});
  CHECK_FALSE(lists(*listed, "own_names"));
  REQUIRE(listed->root()["problems"].size() == 1);
  CHECK(listed->root()["problems"].at(0)["code"].string() == "plugin.changed");
  check_code("plugin.changed");
}

TEST_CASE("P036 A pipe, a folder and a link to nowhere are no plugins, and nobody waits for them",
          "[bad_inputs][plugin]") {
  PluginTrial plugins;
  REQUIRE(::mkfifo(plugins.file("pipe.so").c_str(), 0600) == 0);
  fs::create_directory(plugins.file("folder.so"));
  fs::create_symlink("nowhere", plugins.file("dangling.so"));
  fs::create_symlink("loop.so", plugins.file("loop.so"));
  fs::create_symlink("/dev/zero", plugins.file("device.so"));
  for (const char* name : {"pipe.so", "folder.so", "dangling.so", "loop.so"})
    plugins.refuses(name, "plugin.unreadable");
  CHECK(plugins.list()->root()["problems"].size() == 5);
}

TEST_CASE("P037 Of two plugins with one operator the second is refused, and both are named", "[bad_inputs][plugin]") {
  PluginTrial plugins;
  plugins.copy("sample_same_operator", "z.so");
  plugins.refuses("z.so", "plugin.duplicate", {"sample.echo", plugins.file("sample.so").string()});
}
