// What a disk, a network or a hand may do to a plugin: copies of a good one with a byte changed.
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "host/plugin/plugin_guard.hpp"
#include "tests/support/temp_dir.hpp"

using namespace leeward;
using namespace leeward::test;

namespace {

constexpr const char* kSample = LEEWARD_BINARY_DIR "/tests/samples/sample.so";

/// LEEWARD_FLIPS=1000 for a night; a copy costs about 10 ms of a processor. The first has its very first byte changed.
int flips() {
  const char* wanted = std::getenv("LEEWARD_FLIPS");
  return wanted == nullptr ? 100 : std::atoi(wanted);
}

}  // namespace

TEST_CASE("A plugin with a changed byte is loaded or refused with a reason, and the host lives", "[host][plugin]") {
  const TempDir dir;
  ::chmod(dir.path().c_str(), 0755);
  std::ostringstream good;
  good << std::ifstream{kSample, std::ios::binary}.rdbuf();
  PluginGuard::Options options{dir / "no-home", false, {}, {}};
  options.probe.program = LEEWARD_BINARY_DIR "/bin/leeward";
  const auto guard = PluginGuard::open(std::move(options));
  REQUIRE(guard);
  std::mt19937 random{20260101};  // always the same copies
  std::map<std::string, int> outcomes;
  for (int i = 0; i < flips(); ++i) {
    std::string bytes = good.str();
    const std::size_t at = i == 0 ? 0 : random() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1u << (random() % 8)));
    const auto file = dir.write("flipped.so", bytes);
    ::chmod(file.c_str(), 0644);
    const auto admitted = (*guard)->admit(file);
    INFO("byte " << at);
    ++outcomes[admitted ? "loaded" : admitted.error().code];
    if (admitted) {
      CHECK_FALSE(admitted->manifest.entries.empty());
    } else {
      CHECK(admitted.error().code.starts_with("plugin."));
      CHECK_FALSE(admitted.error().message.empty());
    }
  }
  std::string counts;
  for (const auto& [outcome, count] : outcomes) counts += " " + outcome + " " + std::to_string(count);
  WARN(flips() << " flipped copies:" << counts);
  CHECK(outcomes["plugin.not_a_plugin"] > 0);  // the first byte is the format's
  CHECK(outcomes["loaded"] > 0);               // most bytes decide nothing that loading looks at
  // Nothing of this stayed: the guard still knows a good one.
  CHECK((*guard)->admit(dir.write("good.so", good.str())));
}
