#include "tests/simulation/fates.hpp"

#include <algorithm>
#include <tuple>

namespace leeward::test {
namespace {

auto kind_of(const Ending& e) { return std::tie(e.state, e.is_upstream, e.is_setup, e.is_guard, e.in_time); }

std::vector<Ending> merged(const std::vector<Ending>& endings) {
  std::vector<Ending> kinds;
  for (const Ending& ending : endings) {
    const auto same =
        std::find_if(kinds.begin(), kinds.end(), [&](const Ending& k) { return kind_of(k) == kind_of(ending); });
    if (same == kinds.end()) {
      kinds.push_back(ending);
    } else {
      same->times += ending.times;
    }
  }
  return kinds;
}

/// How many of each kind have ended so far.
using Progress = std::vector<int>;

struct Walk {
  TriggerRule rule;
  std::vector<Ending> kinds;
  bool may_run = true;
  std::set<Progress> seen;
  std::set<Fate> fates;

  [[nodiscard]] Knowledge knowledge(const Progress& ended) const {
    Knowledge known;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const auto look = [&](bool applies, Tally& tally) {
        if (!applies) return;
        tally.n += kinds[i].times;
        tally.add(kinds[i].state, ended[i]);
      };
      look(kinds[i].is_upstream, known.upstream);
      look(kinds[i].is_setup, known.setups);
      look(kinds[i].is_guard, known.guards);
    }
    return known;
  }

  void from(const Progress& ended) {
    if (!seen.insert(ended).second) return;
    const auto decided = fate(rule, knowledge(ended));
    if (decided && (may_run || decided != Fate::runs)) {
      fates.insert(*decided);
      return;
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if (!kinds[i].in_time || ended[i] == kinds[i].times) continue;
      Progress next = ended;
      ++next[i];
      from(next);
    }
  }
};

}  // namespace

std::set<Fate> possible_fates(TriggerRule rule, const std::vector<Ending>& endings, bool may_run) {
  Walk walk{rule, merged(endings), may_run, {}, {}};
  walk.from(Progress(walk.kinds.size()));
  return walk.fates;
}

}  // namespace leeward::test
