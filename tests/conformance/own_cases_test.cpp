// The facts that the project relies on, in its own words: tests/conformance/cases.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <catch2/catch.hpp>

#include "tests/conformance/own_case.hpp"

using namespace leeward;
using namespace leeward::conformance;

namespace {

std::vector<std::filesystem::path> case_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(LEEWARD_SOURCE_DIR "/tests/conformance/cases")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::shared_ptr<const JsonDocument> read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  auto document = JsonDocument::parse({std::istreambuf_iterator<char>(in), {}}, file.filename().string());
  if (!document) FAIL(to_string(document.error()));
  return *document;
}

}  // namespace

TEST_CASE("Every fact of Airflow's that the project relies on holds in the engine", "[conformance]") {
  std::vector<Tally> tallies;
  for (const auto& file : case_files()) {
    const auto document = read(file);
    const std::string name{document->root()["group"].string()};
    CHECK(name == file.stem().string());
    const Tally& tally = tallies.emplace_back(drive({name, check_own}, document->root()["cases"]));
    for (const std::string& failure : tally.failed) FAIL_CHECK(failure);
    CHECK(tally.passed == tally.total);
  }
  CHECK(tallies.size() >= 9);
  std::cout << table("tests/conformance/cases", tallies);
}
