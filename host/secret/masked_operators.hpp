#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/exec/operator.hpp"
#include "host/secret/secret_vault.hpp"

namespace leeward {

/// A source of operators around another, whose attempts pass through the one door (MaskedAttempt), wherever the
/// operator runs. Stands between a run's executor and the plugins. Thread-safe; `source` and `vault` must outlive it.
class MaskedOperators final : public OperatorSource {
 public:
  /// The params that the operator is given for those that were rendered: the place where granted secrets come in.
  using Params = std::function<Result<Value>(const TaskCall&)>;

  MaskedOperators(OperatorSource& source, const SecretVault& vault, Params params);
  ~MaskedOperators() override;

  [[nodiscard]] Operator& operator_of(const OperatorInfo& info) override;

 private:
  class Masked;

  OperatorSource& source_;
  const SecretVault& vault_;
  const Params params_;
  std::mutex mutex_;
  std::unordered_map<const OperatorInfo*, std::unique_ptr<Masked>> operators_;  ///< guarded by mutex_
};

}  // namespace leeward
