#include "host/plugin/plugin_guard.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/support/has.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A home folder, and one of plugins.
struct Place {
  Place() {
    ::chmod(dir.path().c_str(), 0755);
    fs::create_directory(home);
  }
  [[nodiscard]] fs::path plugin(const std::string& sample, const std::string& as) const {
    const fs::path file = dir / as;
    fs::copy_file(LEEWARD_BINARY_DIR "/tests/samples/" + sample + ".so", file, fs::copy_options::overwrite_existing);
    ::chmod(file.c_str(), 0644);
    return file;
  }
  /// As a process that starts now would have it.
  [[nodiscard]] std::unique_ptr<PluginGuard> guard(bool locked = false) const {
    PluginGuard::Options options{home, locked, {}, " --home /h"};
    options.probe.program = LEEWARD_BINARY_DIR "/bin/leeward";
    options.probe.time_limit = 60s;
    auto guard = PluginGuard::open(std::move(options));
    if (!guard) throw std::runtime_error(to_string(guard.error()));
    return std::move(guard).value();
  }
  void trust(const fs::path& file) const {
    const auto admitted = guard()->admit(file);
    auto lock = PluginLock::read(home / "plugins.lock");
    lock->trust(PluginLock::entry_of(admitted->manifest, admitted->sha256, file));
    REQUIRE(lock->write(home / "plugins.lock"));
  }
  [[nodiscard]] std::vector<fs::path> cache_entries() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{home / "cache/probes"}) files.push_back(entry.path());
    return files;
  }
  TempDir dir;
  fs::path home = dir / "home";
};

void damage(const fs::path& file, const std::string& text) { std::ofstream{file, std::ios::trunc} << text; }

void append_byte(const fs::path& file) { std::ofstream{file, std::ios::app | std::ios::binary} << '\0'; }

}  // namespace

TEST_CASE("An unchanged plugin is neither read nor probed again", "[host][plugin]") {
  const Place place;
  for (int i = 0; i < 10; ++i) static_cast<void>(place.plugin("sample", "p" + std::to_string(i) + ".so"));
  const auto scan = [&] {
    const auto guard = place.guard();
    for (int i = 0; i < 10; ++i) {
      const auto admitted = guard->admit(place.dir / ("p" + std::to_string(i) + ".so"));
      if (!admitted) FAIL(to_string(admitted.error()));
      CHECK(admitted->manifest.name == "sample");
      CHECK(admitted->manifest.entries.size() == 1);
      CHECK_FALSE(admitted->warning);
    }
    return guard->effort();
  };
  const auto first = scan();
  CHECK(first.files_read == 10);
  CHECK(first.probes == 1);  // the same contents under ten names
  const auto second = scan();
  CHECK(second.files_read == 0);
  CHECK(second.probes == 0);
}

TEST_CASE("A plugin that changed is looked at again", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("sample", "p.so");
  const auto before = place.guard()->admit(file);
  append_byte(file);
  const auto guard = place.guard();
  const auto after = guard->admit(file);
  REQUIRE(after);
  CHECK(after->sha256 != before->sha256);
  CHECK(guard->effort().probes == 1);
  CHECK_FALSE(PluginGuard::read_admitted(file, before->sha256));
  CHECK(PluginGuard::read_admitted(file, after->sha256));
}

TEST_CASE("A plugin that crashed is not run again under any name, until it is asked for", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("hostile/sample_segv", "p.so");
  const auto first = place.guard()->admit(file);
  REQUIRE_FALSE(first);
  CHECK(first.error().code == "plugin.crashed");
  const auto guard = place.guard();
  for (const fs::path& name : {file, place.plugin("hostile/sample_segv", "again.so")}) {
    const auto again = guard->admit(name);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == "plugin.crashed");
    CHECK(has(again.error().message, "killed by SIGSEGV"));
    CHECK(has(again.error().message, "leeward plugins check --home /h '" + name.string() + "'"));
  }
  CHECK(guard->effort().probes == 0);
  CHECK_FALSE(guard->admit_anew(file));
  CHECK(guard->effort().probes == 1);
  CHECK(guard->admit(place.plugin("sample", "p.so")));
}

TEST_CASE("What lies in the machine and not in the file is tried again", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("sample_undefined", "p.so");
  CHECK_FALSE(place.guard()->admit(file));
  const auto guard = place.guard();
  CHECK_FALSE(guard->admit(file));
  CHECK(guard->effort().probes == 1);
}

TEST_CASE("A damaged cache is ignored and written anew", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("sample", "p.so");
  REQUIRE(place.guard()->admit(file));
  REQUIRE(place.cache_entries().size() == 2);
  for (const char* junk : {"", "{", "[]", "{\"program\": 1}", "\xff\xff"}) {
    for (const fs::path& entry : place.cache_entries()) damage(entry, junk);
    const auto guard = place.guard();
    const auto admitted = guard->admit(file);
    REQUIRE(admitted);
    CHECK(admitted->manifest.name == "sample");
    CHECK(guard->effort().files_read == 1);
    CHECK(guard->effort().probes == 1);
    const auto repaired = place.guard();
    CHECK(repaired->admit(file));
    CHECK(repaired->effort().probes == 0);
  }
  for (const fs::path& entry : place.cache_entries()) ::chmod(entry.c_str(), 0666);
  const auto guard = place.guard();
  CHECK(guard->admit(file));
  CHECK(guard->effort().probes == 1);  // anybody could have written that
}

TEST_CASE("Looking at plugins makes no home folder", "[host][plugin]") {
  Place place;
  const fs::path file = place.plugin("sample", "p.so");
  place.home = place.dir / "nowhere";
  CHECK(place.guard()->admit(file));
  CHECK_FALSE(fs::exists(place.home));
}

TEST_CASE("Locked, only what plugins.lock trusts is used, and nothing else is even run", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("sample", "p.so");
  const auto unknown_guard = place.guard(true);
  const auto unknown = unknown_guard->admit(file);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "plugin.untrusted");
  CHECK(has(unknown.error().message, "leeward plugins trust --home /h '" + file.string() + "'"));
  CHECK(unknown_guard->effort().probes == 0);
  place.trust(file);
  CHECK(place.guard(true)->admit(file));
  append_byte(file);
  const auto changed_guard = place.guard(true);
  const auto changed = changed_guard->admit(file);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == "plugin.changed");
  CHECK(changed_guard->effort().probes == 0);
}

TEST_CASE("Without a lock, a plugin that is not the trusted one is used with a warning", "[host][plugin]") {
  const Place place;
  const fs::path file = place.plugin("sample", "p.so");
  place.trust(file);
  CHECK_FALSE(place.guard()->admit(file)->warning);
  append_byte(file);
  const auto admitted = place.guard()->admit(file);
  REQUIRE(admitted);
  REQUIRE(admitted->warning);
  CHECK(admitted->warning->code == "plugin.changed");
  CHECK(has(admitted->warning->message, "plugin \"sample\" is not what plugins.lock trusts"));
}

TEST_CASE("A damaged plugins.lock keeps every stranger's plugin out", "[host][plugin]") {
  const Place place;
  damage(place.home / "plugins.lock", "{");
  const auto guard = PluginGuard::open({place.home, false, {}, {}});
  REQUIRE_FALSE(guard);
  CHECK(guard.error().code == "lock.damaged");
}

TEST_CASE("What is admitted while another keeps taking its place is what its hash says", "[host][plugin]") {
  const Place place;
  const fs::path one = place.plugin("sample", "one");
  const fs::path two = place.plugin("sample_same_operator", "two");
  const std::map<std::string, std::string> name_by_hash{{PluginFile::read(one)->sha256(), "sample"},
                                                        {PluginFile::read(two)->sha256(), "other"}};
  const fs::path file = place.plugin("sample", "p.so");
  std::atomic<bool> over{false};
  std::thread swapper{[&] {
    for (int i = 0; !over; ++i) {
      const fs::path next = place.dir / "next";
      fs::copy_file(i % 2 == 0 ? two : one, next);
      fs::rename(next, file);
    }
  }};
  int admitted_times = 0;
  for (int i = 0; i < 30; ++i) {
    const auto admitted = place.guard()->admit(file);
    if (!admitted) {
      CHECK(admitted.error().code == "plugin.changed");
      continue;
    }
    ++admitted_times;
    CHECK(name_by_hash.at(admitted->sha256) == admitted->manifest.name);
    const auto to_load = PluginGuard::read_admitted(file, admitted->sha256);
    if (to_load) {
      CHECK(to_load->sha256() == admitted->sha256);
    } else {
      CHECK(to_load.error().code == "plugin.changed");
    }
  }
  over = true;
  swapper.join();
  CHECK(admitted_times > 0);
}
