#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/app/config.hpp"
#include "host/app/environment.hpp"
#include "host/plugin/connection_source.hpp"

namespace leeward {

/// The connections of this process: those of the configuration, and `llm_default` from OPENAI_API_KEY and
/// OPENAI_BASE_URL where the configuration has none. Immutable after construction; thread-safe.
class Connections final : public ConnectionSource {
 public:
  Connections(const Config& config, Environment environment);

  /// From now on every connection leads to the simulation: `--mock-llm` asks for exactly that. Call before anything
  /// runs.
  void simulate(std::string base_url);

  [[nodiscard]] Result<Connection> connection(std::string_view id) const override;
  [[nodiscard]] bool has(std::string_view id) const;

  /// "no connection ...": how to make one, both ways.
  [[nodiscard]] std::string missing_message(std::string_view id) const;

 private:
  Result<std::string> resolve(const std::string& key, std::string_view id) const;

  std::map<std::string, ConnectionConfig, std::less<>> connections_;
  const Environment environment_;
  std::optional<std::string> simulation_;
};

}  // namespace leeward
