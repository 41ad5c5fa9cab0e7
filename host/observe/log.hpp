#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "host/observe/console.hpp"
#include "host/plugin/service_context.hpp"
#include "host/secret/secret_vault.hpp"

namespace leeward {

/// The program's log, on the console: the only place that knows spdlog. Secrets are taken out of its lines: what
/// attempts say comes without them, but lines come from elsewhere, too. Thread-safe. `console` and `vault` must outlive
/// it.
class Log final : public PluginLog {
 public:
  /// No level: off. Null `vault`: nothing is known to be secret.
  Log(Console& console, std::optional<LogLevel> level, const SecretVault* vault = nullptr);
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
