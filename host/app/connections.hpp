#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/app/config.hpp"
#include "host/app/secret_source.hpp"
#include "host/plugin/connection_source.hpp"

namespace leeward {

/// The key of `llm_default`, where the configuration has none.
inline constexpr std::string_view kUsualKeyVariable = "OPENAI_API_KEY";

/// The connections of this process: those of the configuration, and `llm_default` from OPENAI_API_KEY and
/// OPENAI_BASE_URL where the configuration has none. Immutable after construction; thread-safe. The vault knows each
/// key before it is handed out; `secrets` and `vault` must outlive this.
class Connections : public ConnectionSource {
 public:
  Connections(const Config& config, const Environment& environment, const SecretSource& secrets, SecretVault& vault);

  /// From now on every connection leads to the simulation: `--mock-llm` asks for exactly that. Call before anything
  /// runs.
  void simulate(std::string base_url);

  [[nodiscard]] Result<Connection> connection(std::string_view id) const override;
  [[nodiscard]] bool has(std::string_view id) const;

  /// "no connection ...": how to make one, both ways.
  [[nodiscard]] std::string missing_message(std::string_view id) const;

 private:
  [[nodiscard]] Result<std::string> key_of(const ConnectionConfig& config, std::string_view id) const;

  std::map<std::string, ConnectionConfig, std::less<>> connections_;
  const SecretSource& secrets_;
  SecretVault& vault_;
  std::optional<std::string> simulation_;
};

}  // namespace leeward
