#include "tests/scenarios/scenario.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

using leeward::test::Scenario;
using leeward::test::scenario_files;

namespace {

/// One line an entry, so that a failed CHECK shows which one differs.
std::string lines(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) text += "\n  " + key + ": " + value;
  return text;
}

}  // namespace

TEST_CASE("Every scenario comes out as its file says", "[scenarios]") {
  const auto files = scenario_files();
  REQUIRE(files.size() >= 25);
  for (const auto& file : files) {
    DYNAMIC_SECTION(file.stem().string()) {
      const Scenario scenario(file);
      INFO(scenario.name());
      const auto actual = scenario.run();
      const auto expected = scenario.expected(actual);
      CHECK(actual.run == expected.run);
      CHECK(lines(actual.tasks) == lines(expected.tasks));
      CHECK(lines(actual.context) == lines(expected.context));
      CHECK(actual.started == expected.started);
      CHECK(actual.answers == expected.answers);
      CHECK(actual.end_reason == expected.end_reason);
    }
  }
}

TEST_CASE("A scenario runs the same way twice", "[scenarios]") {
  for (const auto& file : scenario_files()) {
    const Scenario scenario(file);
    INFO(scenario.name());
    CHECK(scenario.run().started == scenario.run().started);
  }
}
