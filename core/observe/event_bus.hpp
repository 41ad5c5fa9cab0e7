#pragma once

#include <utility>
#include <vector>

#include "core/observe/observer.hpp"

namespace leeward {

/// Tells one stream of events to several observers, in the order they were given. Used on the engine's thread; the
/// observers must outlive it.
class EventBus final : public Observer {
 public:
  explicit EventBus(std::vector<Observer*> observers) : observers_(std::move(observers)) {}

  void on_events(const RunInfo& run, const Dag& dag, std::span<const Event> events) override {
    for (Observer* observer : observers_) observer->on_events(run, dag, events);
  }
  void on_callback_failed(const RunInfo& run, std::string_view task_id, CallbackMoment moment,
                          const TaskError& error) override {
    for (Observer* observer : observers_) observer->on_callback_failed(run, task_id, moment, error);
  }

 private:
  std::vector<Observer*> observers_;
};

}  // namespace leeward
