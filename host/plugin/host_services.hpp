#pragma once

#include <optional>

#include <leeward/host.h>

#include "core/model/task_outcome.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// lw_host, the same table for every plugin. The C functions in it carry no context, so the log that lines of no task
/// go to is the one thing here that belongs to the process: the registry that lives sets it, one at a time.
[[nodiscard]] const lw_host& host_table() noexcept;

/// Makes `log` the place for lines of no task while this object lives.
class HostTableLog {
 public:
  explicit HostTableLog(PluginLog& log);
  ~HostTableLog();
  HostTableLog(const HostTableLog&) = delete;
  HostTableLog& operator=(const HostTableLog&) = delete;

 private:
  PluginLog* before_;
};

/// Calls init() or create() one at a time, and gathers what they say through lw_host.set_error.
class HostCall {
 public:
  HostCall();
  ~HostCall();
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;
  /// What was said, or `otherwise`.
  [[nodiscard]] std::string reason(const std::string& otherwise) const;

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace leeward
