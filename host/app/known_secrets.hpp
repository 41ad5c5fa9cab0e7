#pragma once

#include <string>
#include <vector>

#include "host/app/config.hpp"
#include "host/app/connections.hpp"
#include "host/app/secret_source.hpp"

namespace leeward {

/// Every secret that this process could name, read once before anything runs: each `from` of the configuration, the key
/// of each connection, and OPENAI_API_KEY. So an attempt that comes by one without having been given it, from a file or
/// from another program, shows it as little as one that was. What cannot be read, or is too short to be told from other
/// text, is left out; whoever uses it is told then.
class KnownSecrets {
 public:
  KnownSecrets(const Config& config, const Environment& environment);

  /// From here on the vault knows them.
  void tell(const SecretSource& source, SecretVault& vault) const;
  /// The environment variables that they are in.
  [[nodiscard]] const std::vector<std::string>& variables() const noexcept { return variables_; }

 private:
  std::vector<std::string> references_;
  std::vector<std::string> literals_;
  std::vector<std::string> variables_;
};

/// Takes the variables out of this process's own environment, also out of what the kernel shows of it: what runs in
/// this process, and what it starts, does not inherit them. REQUIRES: no other thread changes the environment, or keeps
/// a pointer to one of these.
void take_out_of_environment(const std::vector<std::string>& variables);

}  // namespace leeward
