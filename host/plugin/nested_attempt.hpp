#pragma once

#include <memory>
#include <utility>

#include "core/exec/operator.hpp"

namespace leeward {

/// An attempt that another attempt's operator started, `depth` calls below the task's own (which is 0).
class NestedAttempt : public Attempt {
 public:
  NestedAttempt(TaskCall call, std::shared_ptr<CancelToken> cancel, AttemptListener& listener, int depth)
      : Attempt(std::move(call), *cancel, listener), cancel_token_(std::move(cancel)), depth_(depth) {}
  [[nodiscard]] int depth() const noexcept { return depth_; }

 private:
  const std::shared_ptr<CancelToken> cancel_token_;
  const int depth_;
};

}  // namespace leeward
