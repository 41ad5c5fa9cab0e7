#pragma once

#include <string>
#include <vector>

#include "core/observe/observer.hpp"

namespace leeward::test {

/// Keeps every event it is told.
class RecordingObserver final : public Observer {
 public:
  void on_events(const RunInfo&, const Dag&, std::span<const Event> events) override {
    events_.insert(events_.end(), events.begin(), events.end());
  }
  [[nodiscard]] const std::vector<Event>& events() const noexcept { return events_; }

 private:
  std::vector<Event> events_;
};

/// An event in a few words, without its number and time: "a[0] running -> success", "run failed".
[[nodiscard]] std::string summary(const Dag& dag, const Event& event);

}  // namespace leeward::test
