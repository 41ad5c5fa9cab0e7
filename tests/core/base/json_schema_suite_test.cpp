#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "core/base/json_schema.hpp"

// Debian's package json-schema-test-suite: what the authors of JSON Schema expect of every validator.

using namespace leeward;
namespace fs = std::filesystem;

namespace {

const fs::path kSuite = "/usr/share/json-schema-test-suite/tests/draft7";

std::shared_ptr<const JsonDocument> read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto document = JsonDocument::parse(std::move(text), file.filename().string());
  if (!document) FAIL(to_string(document.error()));
  return *document;
}

struct Tally {
  int right = 0;
  std::set<std::string> wrong;  ///< "file: group: test", or "file: group" where no schema could be made
};

void run_file(const fs::path& file, Tally& tally) {
  const auto document = read(file);
  for (const Json& group : document->root()) {
    const std::string name = file.filename().string() + ": " + std::string(group["description"].string());
    const auto schema = JsonSchema::compile(JsonDocument::of(group["schema"].value()));
    if (!schema) {
      tally.wrong.insert(name);
      continue;
    }
    for (const Json& test : group["tests"]) {
      Errors errors;
      (*schema)->validate(test["data"], errors);
      if (errors.empty() == test["valid"].boolean()) {
        ++tally.right;
      } else {
        tally.wrong.insert(name + ": " + std::string(test["description"].string()));
      }
    }
  }
}

Tally run_folder(const fs::path& folder, const std::set<std::string>& left_out = {}) {
  Tally tally;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json" && !left_out.contains(entry.path().filename()))
      run_file(entry.path(), tally);
  }
  return tally;
}

}  // namespace

TEST_CASE("JsonSchema agrees with the draft-07 test suite", "[base]") {
  if (!fs::exists(kSuite)) {
    WARN("SKIP: the package json-schema-test-suite is not installed");
    return;
  }
  // Schemas that stand on a web server. Nothing is ever fetched, so these are refused when they are compiled.
  const std::set<std::string> kRemote{
      "refRemote.json: remote ref",
      "refRemote.json: fragment within remote ref",
      "refRemote.json: ref within remote ref",
      "refRemote.json: base URI change",
      "refRemote.json: base URI change - change folder",
      "refRemote.json: base URI change - change folder in subschema",
      "refRemote.json: root ref in remote ref",
  };
  const Tally tally = run_folder(kSuite);
  CHECK(tally.wrong == kRemote);
  CHECK(tally.right >= 402);
}

TEST_CASE("JsonSchema agrees with the test suite on the formats it checks", "[base]") {
  if (!fs::exists(kSuite)) {
    WARN("SKIP: the package json-schema-test-suite is not installed");
    return;
  }
  const std::set<std::string> kUnchecked{"idn-email.json", "idn-hostname.json", "iri.json", "iri-reference.json",
                                         "uri-template.json"};
  const Tally tally = run_folder(kSuite / "optional/format", kUnchecked);
  CHECK(tally.wrong == std::set<std::string>{});
  CHECK(tally.right >= 90);
}
