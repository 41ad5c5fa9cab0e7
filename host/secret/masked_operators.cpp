#include "host/secret/masked_operators.hpp"

#include <utility>

#include "host/secret/masked_attempt.hpp"

namespace leeward {

class MaskedOperators::Masked final : public Operator {
 public:
  Masked(Operator& op, const MaskedOperators& all) : op_(op), all_(all) {}
  [[nodiscard]] const OperatorInfo& info() const noexcept override { return op_.info(); }

  void execute(std::shared_ptr<Attempt> attempt) override {
    TaskCall call = attempt->call();
    Result<Value> params = all_.params_(call);
    if (!params) return attempt->complete(TaskOutcome::failed(params.error().code, params.error().message));
    call.params = std::move(params).value();
    op_.execute(std::make_shared<MaskedAttempt>(std::move(attempt), std::move(call), all_.vault_));
  }

 private:
  Operator& op_;
  const MaskedOperators& all_;
};

MaskedOperators::MaskedOperators(OperatorSource& source, const SecretVault& vault, Params params)
    : source_(source), vault_(vault), params_(std::move(params)) {}

MaskedOperators::~MaskedOperators() = default;

Operator& MaskedOperators::operator_of(const OperatorInfo& info) {
  const std::lock_guard lock{mutex_};
  std::unique_ptr<Masked>& masked = operators_[&info];
  if (!masked) masked = std::make_unique<Masked>(source_.operator_of(info), *this);
  return *masked;
}

}  // namespace leeward
