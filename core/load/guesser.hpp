#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/suggestion.hpp"

namespace leeward {

/// "Did you mean" among many names: stops guessing after a fixed amount of work, so that a file of a hundred thousand
/// wrong names among as many right ones is still told within a second.
class Guesser {
 public:
  explicit Guesser(std::vector<std::string> candidates = {}) : candidates_(std::move(candidates)) {}

  /// As did_you_mean(). If nothing is near, and `list_if_none` and there are few, all of them.
  [[nodiscard]] std::string guess(std::string_view word, bool list_if_none = false) {
    if (work_left_ < candidates_.size()) return {};
    work_left_ -= candidates_.size();
    std::string found = did_you_mean(word, candidates_);
    if (!found.empty() || !list_if_none || candidates_.empty()) return found;
    found = "; there are ";
    for (std::size_t i = 0; i < candidates_.size() && i < kListed; ++i) found += (i == 0 ? "" : ", ") + candidates_[i];
    return found + (candidates_.size() > kListed ? ", ..." : "");
  }

 private:
  static constexpr std::size_t kListed = 10;
  std::vector<std::string> candidates_;
  std::size_t work_left_ = 2'000'000;
};

}  // namespace leeward
