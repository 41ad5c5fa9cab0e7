#include "core/exec/call_counts.hpp"

#include <atomic>
#include <map>
#include <set>
#include <utility>

#include "core/base/seeded_bug.hpp"

namespace leeward {

struct CallCounts::Shared {
  struct Taken {
    int next = 0;
    std::set<int> given_back;
  };
  std::mutex mutex;  ///< guards the rest
  std::map<std::string, Taken> by_digest;
};

CallCounts::Place CallCounts::take(std::string digest) {
  std::shared_ptr<Shared> shared;
  {
    const std::lock_guard lock{mutex_};
    if (!shared_) shared_ = std::make_shared<Shared>();
    shared = shared_;
  }
  const std::lock_guard lock{shared->mutex};
  Shared::Taken& taken = shared->by_digest[digest];
  if (seeded_bug(SeededBug::ordinal_not_restored)) {
    static std::atomic<int> in_this_process{0};
    return {shared, std::move(digest), in_this_process++};
  }
  const int ordinal = taken.given_back.empty() ? taken.next++ : *taken.given_back.begin();
  taken.given_back.erase(ordinal);
  return {shared, std::move(digest), ordinal};
}

void CallCounts::Place::give_back() {
  const std::lock_guard lock{shared_->mutex};
  shared_->by_digest[digest_].given_back.insert(ordinal_);
}

}  // namespace leeward
