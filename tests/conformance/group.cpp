#include "tests/conformance/group.hpp"

#include <exception>
#include <iomanip>
#include <set>
#include <sstream>

namespace leeward::conformance {
namespace {

Verdict checked(const Group& group, const Json& test_case) {
  try {
    return group.check(test_case);
  } catch (const std::exception& mistake) {  // a case that cannot be told is one that did not pass
    return {std::string("cannot be driven: ") + mistake.what(), {}};
  }
}

void explain(std::ostream& out, const std::map<std::string, std::vector<std::string>>& reasons,
             const std::string& what) {
  for (const auto& [reason, ids] : reasons) {
    out << "      " << what << ":";
    for (const std::string& id : ids) out << " " << id;
    out << "\n        " << reason << "\n";
  }
}

}  // namespace

std::size_t Tally::left_out() const {
  std::size_t count = 0;
  for (const auto& [reason, ids] : listed) count += ids.size();
  return count;
}

Tally drive(const Group& group, const Json& cases) {
  Tally tally;
  tally.group = group.of.empty() ? group.name : group.of;
  std::set<std::string> ids;
  for (const Json& test_case : cases) {
    const std::string id{test_case["id"].string()};
    if (!ids.insert(id).second) tally.failed.push_back(id + ": there are two of it");
    ++tally.total;
    const auto listed = group.listed.find(id);
    if (listed != group.listed.end() || !group.check) {
      tally.listed[listed != group.listed.end() ? listed->second : group.listed.at("*")].push_back(id);
      continue;
    }
    const Verdict verdict = checked(group, test_case);
    if (!verdict.differs.empty()) {
      tally.failed.push_back(id + ": " + verdict.differs + "\n    " + std::string(test_case.text()));
      continue;
    }
    ++tally.passed;
    if (!verdict.instead.empty()) tally.instead[verdict.instead].push_back(id);
  }
  for (const auto& [id, reason] : group.listed) {
    if (id != "*" && !ids.contains(id)) tally.failed.push_back(id + ": is listed as left out, but is not there");
  }
  return tally;
}

std::string table(const std::string& title, const std::vector<Tally>& tallies) {
  std::ostringstream out;
  std::size_t passed = 0;
  std::size_t left_out = 0;
  std::size_t total = 0;
  const auto row = [&out](const std::string& name, std::size_t p, std::size_t l, std::size_t t) {
    out << "  " << std::left << std::setw(24) << name << std::right << std::setw(5) << p << " passed" << std::setw(5)
        << l << " listed" << std::setw(6) << t << " in all\n";
  };
  out << title << "\n";
  for (const Tally& tally : tallies) {
    row(tally.group, tally.passed, tally.left_out(), tally.total);
    explain(out, tally.instead, "passed, not by a run of the engine");
    explain(out, tally.listed, "listed");
    passed += tally.passed;
    left_out += tally.left_out();
    total += tally.total;
  }
  row("together", passed, left_out, total);
  return out.str();
}

}  // namespace leeward::conformance
