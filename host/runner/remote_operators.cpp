#include "host/runner/remote_operators.hpp"

#include "core/base/assert.hpp"
#include "host/runner/messages.hpp"

namespace leeward {

/// One operator of the host's, called for a plugin here.
class RemoteOperators::Callee final : public Operator {
 public:
  Callee(Uplink& uplink, bool callable, std::unique_ptr<OperatorInfo> info)
      : uplink_(uplink), callable_(callable), info_(std::move(info)) {}

  [[nodiscard]] const OperatorInfo& info() const noexcept override { return *info_; }

  void execute(std::shared_ptr<Attempt> attempt) override {
    WireWriter out;
    // The caller's number: what the callee may do is what the caller may.
    out.number(static_cast<const RunnerTask&>(*attempt->call().task).attempt);
    write_callee(out, {callable_, info_->name, attempt->call().params});
    if (out.size() > kMaxFrameBytes)
      return attempt->complete(TaskOutcome::failed("call.invalid", "the parameters are too large"));
    const std::uint64_t id = uplink_.new_request();
    uplink_.expect(id, [attempt](bool, const Uplink::Body& body) {
      attempt->cancel_token().on_cancel(nullptr);
      WireReader in{body};
      attempt->complete(read_outcome(in));
    });
    uplink_.tell(FrameType::call, id, out.take());
    attempt->cancel_token().on_cancel([&uplink = uplink_, id] { uplink.tell(FrameType::drop, id); });
  }

 private:
  Uplink& uplink_;
  const bool callable_;
  const std::unique_ptr<OperatorInfo> info_;
};

RemoteOperators::RemoteOperators(Uplink& uplink) : uplink_(uplink) {}
RemoteOperators::~RemoteOperators() = default;

const OperatorInfo* RemoteOperators::find(bool callable, std::string_view name) const {
  const Key key{callable, name};
  {
    const std::lock_guard lock{mutex_};
    if (const auto known = callees_.find(key); known != callees_.end()) return &known->second->info();
  }
  WireWriter out;
  write_callee(out, {callable, key.second, Value{}});
  const auto reply = uplink_.ask(FrameType::ask_operator, uplink_.new_request(), out.take());
  if (!reply) return nullptr;
  WireReader in{*reply};
  static_cast<void>(in.truth());
  auto callee = std::make_unique<Callee>(uplink_, callable, read_operator_info(in));
  const std::lock_guard lock{mutex_};
  return &callees_.emplace(key, std::move(callee)).first->second->info();  // of two that asked at once the first stays
}

Operator& RemoteOperators::operator_of(const OperatorInfo& info) {
  const std::lock_guard lock{mutex_};
  for (const auto& [key, callee] : callees_) {
    if (&callee->info() == &info) return *callee;
  }
  LW_ASSERT(false, "an operator was asked for that find() never told");
  __builtin_unreachable();
}

}  // namespace leeward
