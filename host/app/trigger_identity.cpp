#include "host/app/trigger_identity.hpp"

#include <algorithm>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/unique_id.hpp"

namespace leeward {
namespace {

/// An attempt that looks again later, or goes on with an answer, is the same try but another call.
std::string call_of(const TaskCall& by) {
  std::string call = std::to_string(by.try_number);
  if (by.reschedules > 0) call += "." + std::to_string(by.reschedules);
  if (by.answer) call += "a";
  return call;
}

/// The parent's time, so that ids of runs that came of each other stand together in a list.
std::string derived_id(const RunInfo& parent, const std::string& seed) {
  const auto digest = sha1(seed);
  UniqueIdRandom random{};
  std::copy_n(digest.begin(), random.size(), random.begin());
  return unique_id(unique_id_time(parent.run_id).value_or(parent.logical_date), random);
}

}  // namespace

TriggerIdentity identity_of(const TaskCall& by, const RunTrigger& asked, const Clock& clock) {
  if (!by.of_run || by.task == nullptr) {
    return {asked.run_id.empty() ? unique_id(clock.wall(), system_random()) : asked.run_id, {}};
  }
  std::string attempt = by.idempotency_key() + "/" + call_of(by);
  // Not by its conf: what a template makes of the time of day is another text after the crash.
  const std::string asks = "run of " + asked.dag;
  const int ordinal = by.counts == nullptr ? 0 : by.counts->take(asks).ordinal();
  std::string run_id = asked.run_id;
  if (run_id.empty()) run_id = derived_id(*by.run, attempt + "\n" + asks + "\n" + std::to_string(ordinal));
  return {std::move(run_id), std::move(attempt)};
}

}  // namespace leeward
