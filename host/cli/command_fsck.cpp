#include <ostream>

#include "core/store/store_check.hpp"
#include "host/cli/common.hpp"
#include "host/observe/printable.hpp"

namespace leeward {
namespace {

void print_json(std::ostream& out, const std::vector<Finding>& findings) {
  JsonWriter json;
  json.begin_array();
  for (const Finding& finding : findings) {
    json.begin_object().member("where", finding.where).member("message", finding.message).end_object();
  }
  json.end_array();
  out << json.text() << "\n";
}

}  // namespace

int command_fsck(const Invocation& invocation) {
  if (!invocation.arguments.files.empty()) return bad_usage(invocation, "fsck takes no operands (leeward fsck --help)");
  const auto path = home_of(invocation);
  if (!path) return kBadInput;
  const Home home = Home::at(*path);
  std::vector<Finding> findings;
  if (home.has_store()) {
    auto checked = check_store(home.store_file().string());
    if (!checked) {
      print_errors(invocation, {checked.error()});
      return kHostFailed;
    }
    findings = std::move(checked).value();
  }
  if (invocation.arguments.has("json")) {
    print_json(invocation.out, findings);
  } else {
    for (const Finding& finding : findings)
      invocation.out << printable(finding.where) << ": " << printable(finding.message) << "\n";
    const std::string file = printable(home.store_file().string());
    if (!home.has_store()) invocation.err << file << ": nothing was ever recorded here\n";
    if (home.has_store() && findings.empty()) invocation.err << file << ": nothing is wrong\n";
  }
  return findings.empty() ? kSuccess : kRunFailed;
}

}  // namespace leeward
