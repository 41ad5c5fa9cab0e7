#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "host/plugin/nested_attempt.hpp"
#include "host/plugin/service_context.hpp"
#include "host/runner/messages.hpp"
#include "host/runner/uplink.hpp"

namespace leeward {

/// What attempts and the plugin say, on its way to the host.
class UplinkListener final : public AttemptListener, public PluginLog {
 public:
  UplinkListener(Uplink& uplink, LogLevel least) : uplink_(uplink), least_(least) {}
  void on_log(const TaskCall& call, LogLevel level, std::string_view message, std::string_view fields_json) override;
  void on_progress(const TaskCall& call, double fraction, std::string_view note) override;
  bool on_output(const TaskCall& call, std::string_view channel, std::string_view chunk) override;
  [[nodiscard]] bool enabled(LogLevel level) const override { return level >= least_; }
  void line(LogLevel level, std::string_view component, std::string_view message,
            std::string_view fields_json) override;

 private:
  Uplink& uplink_;
  const LogLevel least_;
};

/// The attempts that this runner has in its hands, by the host's numbers. Thread-safe.
class RunnerAttempts {
 public:
  explicit RunnerAttempts(Uplink& uplink) : uplink_(uplink) {}

  [[nodiscard]] std::shared_ptr<Attempt> add(StartMessage start, AttemptListener& listener);
  /// Null: it has ended.
  [[nodiscard]] std::shared_ptr<Attempt> find(std::uint64_t id) const;
  [[nodiscard]] bool empty() const;

 private:
  class One;
  void ended(std::uint64_t id);

  Uplink& uplink_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::weak_ptr<Attempt>> attempts_;
};

}  // namespace leeward
