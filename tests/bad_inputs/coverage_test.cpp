// Which cases of the catalogue are driven, and the reasons for all others.
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "tests/bad_inputs/catalogue.hpp"

using namespace leeward;
using namespace leeward::bad_inputs;

namespace {

/// Cases by how they stand, of one group.
struct Count {
  int as_specified = 0;
  int otherwise = 0;
  int elsewhere = 0;
  int not_yet = 0;

  void add(bool driven, const Remark* remark) {
    if (driven) return void(++(remark == nullptr ? as_specified : otherwise));
    ++(remark->standing == Standing::not_yet ? not_yet : elsewhere);
  }
  void operator+=(const Count& other) {
    as_specified += other.as_specified;
    otherwise += other.otherwise;
    elsewhere += other.elsewhere;
    not_yet += other.not_yet;
  }
};

std::string row(const std::string& name, const Count& count) {
  std::ostringstream out;
  out << "  " << std::left << std::setw(16) << name << std::right << std::setw(4) << count.as_specified
      << " as specified" << std::setw(4) << count.otherwise << " otherwise by decision" << std::setw(4)
      << count.elsewhere << " by other tests" << std::setw(4) << count.not_yet << " not there yet\n";
  return out.str();
}

/// The ids of the tests of this program.
std::set<std::string> driven_cases() {
  std::set<std::string> ids;
  for (const auto& test : Catch::getAllTestCasesSorted(*Catch::getCurrentContext().getConfig())) {
    if (const std::string id = id_in(test.name); !id.empty()) ids.insert(id);
  }
  return ids;
}

std::string table(const std::map<std::string, Count>& counts) {
  std::string text = "bad_inputs.json\n";
  Count all;
  for (const auto& [letter, name] : group_names()) {
    const auto found = counts.find(letter);
    if (found == counts.end()) continue;
    text += row(name, found->second);
    all += found->second;
  }
  return text + row("together", all);
}

std::string reasons() {
  static const std::map<Standing, std::string> kHeads{{Standing::otherwise, "driven, otherwise by decision"},
                                                      {Standing::elsewhere, "driven by other tests"},
                                                      {Standing::not_yet, "not there yet"}};
  std::string text;
  for (const auto& [standing, head] : kHeads) {
    std::map<std::string, std::string> ids;  // by reason
    for (const auto& [id, remark] : remarks()) {
      if (remark.standing == standing) ids[remark.why + (remark.where.empty() ? "" : ": " + remark.where)] += " " + id;
    }
    for (const auto& [why, which] : ids) text += "  " + head + ":" + which + "\n    " + why + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("Every case of the catalogue is driven, or listed with the reason", "[bad_inputs]") {
  const auto document = catalogue();
  if (!document) {
    WARN("SKIP: conformance/bad_inputs.json is not there (LEEWARD_SHARED names another folder)");
    return;
  }
  const std::set<std::string> driven = driven_cases();
  std::set<std::string> known;
  std::map<std::string, Count> counts;
  for (const Json entry : document->root()["cases"]) {
    const std::string id{entry["id"].string()};
    INFO(id << " " << entry["title"].string());
    known.insert(id);
    const auto remark = remarks().find(id);
    const bool listed = remark != remarks().end();
    REQUIRE((driven.contains(id) || listed));
    if (listed) CHECK(driven.contains(id) == (remark->second.standing == Standing::otherwise));
    const std::string code{entry["error_code"].string()};
    if (driven.contains(id) && code.starts_with("E_")) CHECK(our_codes().contains(code));
    counts[group_of(id)].add(driven.contains(id), listed ? &remark->second : nullptr);
  }
  for (const std::string& id : driven) CHECK(known.contains(id));
  for (const auto& [id, remark] : remarks()) {
    INFO(id);
    CHECK(known.contains(id));
    CHECK((remark.standing == Standing::elsewhere) == !remark.where.empty());
    CHECK(std::filesystem::exists(LEEWARD_SOURCE_DIR "/" + remark.where));
  }
  std::cout << table(counts) << reasons();
}
