#include "host/plugin/plugin_lock.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "host/plugin/state_file.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

PluginLock::Entry entry(const std::string& name, char digit, std::vector<std::string> operators = {"a", "b"}) {
  return {name, "1.0", std::string(64, digit), std::move(operators), name + ".so"};
}

std::string damage(const std::string& text) {
  const auto lock = PluginLock::parse(text, "plugins.lock");
  if (lock) return "";
  CHECK(lock.error().code == "lock.damaged");
  return to_string(lock.error());
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("plugins.lock is written in one order and reads back the same", "[host][plugin]") {
  const TempDir dir;
  PluginLock one;
  one.trust(entry("b", '2'));
  one.trust(entry("a", '1'));
  PluginLock other;
  other.trust(entry("a", '1'));
  other.trust(entry("b", '2'));
  CHECK(one.json() == other.json());
  REQUIRE(one.write(dir / "home/plugins.lock"));
  const auto back = PluginLock::read(dir / "home/plugins.lock");
  REQUIRE(back);
  CHECK(back->entries() == one.entries());
  struct stat status {};
  REQUIRE(::stat((dir / "home/plugins.lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("Without a plugins.lock nothing is trusted", "[host][plugin]") {
  const TempDir dir;
  const auto lock = PluginLock::read(dir / "plugins.lock");
  REQUIRE(lock);
  CHECK(lock->entries().empty());
}

TEST_CASE("A damaged plugins.lock is refused with the place, never taken for an empty one", "[host][plugin]") {
  CHECK(damage("").find("plugins.lock") == 0);
  CHECK(damage("{\"version\": 1, \"plugins\": [").find("plugins.lock:1:") == 0);
  CHECK_FALSE(damage("[]").empty());
  CHECK_FALSE(damage(R"({"version": 2, "plugins": []})").empty());
  CHECK(damage(R"({"version": 1, "plugins": [{"name": "a", "version": "1", "sha256": "xyz", "operators": []}]})")
            .find("/plugins/0/sha256") != std::string::npos);
  PluginLock lock;
  lock.trust(entry("a", '1'));
  std::string text = lock.json();
  const std::string one = text.substr(text.find('[') + 1, text.rfind(']') - text.find('[') - 1);
  text.insert(text.find('[') + 1, one + ",");
  CHECK(damage(text).find("plugin \"a\" is there twice") != std::string::npos);
}

TEST_CASE("A plugins.lock that others may write is refused", "[host][plugin]") {
  const TempDir dir;
  REQUIRE(PluginLock{}.write(dir / "plugins.lock"));
  ::chmod((dir / "plugins.lock").c_str(), 0666);
  const auto lock = PluginLock::read(dir / "plugins.lock");
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code == "file.permissions");
}

TEST_CASE("Trusting tells what it changes", "[host][plugin]") {
  PluginLock lock;
  CHECK(lock.trust(entry("a", '1')) == "added, version 1.0, sha256 111111111111..., operators it brings: a, b");
  CHECK(lock.trust(entry("a", '1')) == "unchanged");
  PluginLock::Entry newer = entry("a", '2', {"b", "c"});
  newer.version = "1.1";
  CHECK(lock.trust(newer) ==
        "contents changed, sha256 111111111111... -> 222222222222..., version 1.0 -> 1.1, operators added: c, "
        "operators gone: a");
  CHECK(lock.entries().size() == 1);
  CHECK(lock.with_sha256(std::string(64, '2')) != nullptr);
  CHECK(lock.with_sha256(std::string(64, '1')) == nullptr);
  CHECK(lock.of_file("a.so") == lock.named("a"));
}

TEST_CASE("A state file that cannot be written leaves the old one as it was", "[host][plugin]") {
  const TempDir dir;
  REQUIRE(write_state_file(dir / "f/x", "old"));
  std::filesystem::create_directory(dir / "f/folder");
  const Status over_a_folder = write_state_file(dir / "f/folder", "new");
  REQUIRE_FALSE(over_a_folder);
  CHECK(over_a_folder.error().code == "file.unwritable");
  CHECK_FALSE(write_state_file(dir / "f/x/y", "new"));
  CHECK(bytes_of(dir / "f/x") == "old");
  REQUIRE(write_state_file(dir / "f/x", "new"));
  CHECK(bytes_of(dir / "f/x") == "new");
  CHECK(std::distance(std::filesystem::directory_iterator{dir / "f"}, {}) == 2);  // nothing temporary is left
}
