#include "host/app/guard_options.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace leeward;
namespace fs = std::filesystem;

TEST_CASE("A file is looked at within the limits that its operators have, and never sees keys", "[host][app]") {
  Settings settings;
  settings.home = "/srv/home";
  settings.config_file = "/etc/leeward/config.json";
  Errors errors;
  const Config config =
      Config::parse(R"({"isolation": {"limits": {"memory": "300MiB", "files": 77, "write": ["/srv/data"],
      "hidden": ["/srv/keys"]}}})",
                    "config.json", errors);
  REQUIRE(errors.empty());
  const SandboxLimits limits = guard_options(settings, config).probe.limits;
  CHECK(limits.memory_bytes == std::uint64_t{300} << 20);
  CHECK(limits.files == 77);
  CHECK(limits.write == std::vector<fs::path>{"/srv/data"});
  CHECK(limits.hidden == std::vector<fs::path>{"/srv/keys", "/etc/leeward/config.json"});
}
