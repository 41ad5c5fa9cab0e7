#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "host/observe/console.hpp"
#include "host/plugin/service_context.hpp"

namespace leeward {

/// The program's log, on the console: the only place that knows spdlog. Thread-safe. `console` must outlive it.
class Log final : public PluginLog {
 public:
  /// Nothing: off.
  Log(Console& console, std::optional<LogLevel> level);
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool enabled(LogLevel level) const override;
  void line(LogLevel level, std::string_view component, std::string_view message,
            std::string_view fields_json = {}) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace leeward
