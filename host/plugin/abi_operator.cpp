#include "host/plugin/abi_operator.hpp"

#include <optional>
#include <utility>

#include "host/plugin/callee_threads.hpp"
#include "host/plugin/host_services.hpp"
#include "host/plugin/host_task.hpp"
#include "host/plugin/nested_attempt.hpp"

namespace leeward {

AbiOperator::AbiOperator(PluginManifest::Entry entry, std::string settings_json, const ServiceContext& services)
    : PluginOperator(std::move(entry)), settings_json_(std::move(settings_json)), services_(services) {}

AbiOperator::~AbiOperator() {
  if (entry().table->destroy == nullptr) return;
  const HostCall call;
  for (void* instance : idle_) entry().table->destroy(instance);
}

Result<void*> AbiOperator::create() {
  const HostCall call;
  void* instance = nullptr;
  const lw_code code = entry().table->create(entry().table, &host_table(), lend(settings_json_), &instance);
  if (code == LW_OK) return instance;
  return Error{"plugin.create_failed", "operator \"" + info().name + "\" could not be made ready: " +
                                           call.reason("create() returned " + std::to_string(code))};
}

Result<void*> AbiOperator::take() {
  std::unique_lock lock{mutex_};
  if (!idle_.empty()) {
    void* instance = idle_.back();
    if (!concurrent()) idle_.pop_back();
    return instance;
  }
  if (!concurrent()) {
    lock.unlock();  // others may make theirs at the same time, as far as HostCall lets them
    return create();
  }
  Result<void*> only = create();
  if (only) idle_.push_back(*only);
  return only;
}

void AbiOperator::give_back(void* instance) {
  if (concurrent()) return;
  const std::lock_guard lock{mutex_};
  idle_.push_back(instance);
}

void AbiOperator::execute(std::shared_ptr<Attempt> attempt) {
  // Cancelled while it waited for a thread: thousands of these must not each start what they then stop.
  if (attempt->cancel_token().cancelled()) {
    TaskOutcome outcome;
    outcome.kind = OutcomeKind::canceled;
    outcome.error = TaskError{"task.canceled", "stopped before it began", false, 0, {}};
    return attempt->complete(std::move(outcome));
  }
  Result<void*> instance = take();
  if (!instance) return attempt->complete(TaskOutcome::failed(instance.error().code, instance.error().message));
  const auto* nested = dynamic_cast<const NestedAttempt*>(attempt.get());
  const int depth = nested != nullptr ? nested->depth() : 0;
  const auto task =
      HostTask::create(std::move(attempt), info(), services_, depth, [this, used = *instance] { give_back(used); });
  std::optional<MustNotBlock> here;
  if (info().traits.inline_execution) here.emplace();  // on the engine's own thread
  const lw_code code = entry().table->execute(*instance, task.get());
  here.reset();
  task->returned(code);
}

}  // namespace leeward
