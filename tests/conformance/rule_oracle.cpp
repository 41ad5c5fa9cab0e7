#include "tests/conformance/rule_oracle.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace leeward::conformance {
namespace {

using Words = std::set<std::string>;

const Words kBroken{"failed", "upstream_failed"};
const Words kDone{"success", "failed", "upstream_failed", "skipped", "removed"};

bool any(const Upstreams& upstreams, const Words& words) {
  return std::any_of(upstreams.begin(), upstreams.end(), [&](const auto& state) { return words.contains(state); });
}
bool all(const Upstreams& upstreams, const Words& words) {
  return std::all_of(upstreams.begin(), upstreams.end(), [&](const auto& state) { return words.contains(state); });
}

/// The rules that never wait for an upstream whose end cannot change anything any more.
std::string early(const std::string& rule, const Upstreams& u) {
  if (rule == "all_success") {
    if (any(u, kBroken)) return "upstream_failed";
    if (any(u, {"skipped"})) return "skipped";
    return all(u, {"success"}) ? "run" : "wait";
  }
  if (rule == "all_failed") {
    if (any(u, {"success", "skipped"})) return "skipped";
    return all(u, kBroken) ? "run" : "wait";
  }
  if (rule == "all_skipped") {
    if (any(u, {"success", "failed", "upstream_failed"})) return "skipped";
    return all(u, {"skipped"}) ? "run" : "wait";
  }
  if (rule == "none_failed") {
    if (any(u, kBroken)) return "upstream_failed";
    return all(u, {"success", "skipped"}) ? "run" : "wait";
  }
  if (rule == "none_failed_min_one_success") {
    if (any(u, kBroken)) return "upstream_failed";
    if (all(u, {"skipped"})) return "skipped";
    return all(u, {"success", "skipped"}) ? "run" : "wait";
  }
  return {};
}

/// The rules that start with the first upstream that ends well enough, and judge what is left once all have ended.
std::string by_the_first(const std::string& rule, const Upstreams& u) {
  if (rule == "always") return "run";
  if (rule == "one_success") {
    if (any(u, {"success"})) return "run";
    if (!all(u, kDone)) return "wait";
    return all(u, {"skipped"}) ? "skipped" : "upstream_failed";
  }
  if (rule == "one_failed") {
    if (any(u, kBroken)) return "run";
    return all(u, kDone) ? "skipped" : "wait";
  }
  if (rule == "one_done") {
    if (any(u, {"success", "failed"})) return "run";
    return all(u, kDone) ? "skipped" : "wait";
  }
  return {};
}

/// The rules that want everybody to have ended, but for a skip that spoils them at once.
std::string by_all(const std::string& rule, const Upstreams& u) {
  if (rule == "all_done") return all(u, kDone) ? "run" : "wait";
  if (rule == "none_skipped" || rule == "all_done_min_one_success") {
    if (any(u, {"skipped"})) return "skipped";
    if (!all(u, kDone)) return "wait";
    return rule == "none_skipped" || any(u, {"success"}) ? "run" : "upstream_failed";
  }
  return {};
}

}  // namespace

std::string decision_by_the_book(const std::string& rule, const Upstreams& upstreams) {
  if (upstreams.empty()) return "run";
  for (const auto& family : {early, by_the_first, by_all}) {
    if (std::string decision = family(rule, upstreams); !decision.empty()) return decision;
  }
  throw std::runtime_error("the book has no rule \"" + rule + "\"");
}

}  // namespace leeward::conformance
