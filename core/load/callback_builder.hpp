#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/load/name_resolver.hpp"
#include "core/load/operator_finder.hpp"
#include "core/load/params_checker.hpp"
#include "core/model/dag_spec.hpp"

namespace leeward {

/// Makes the callbacks of tasks and of the DAG: checked as tasks are, and once each, however many tasks have them from
/// `default_args`. Lives while one Dag is built; what it is given must outlive it. Its functions are called in their
/// order here.
class CallbackBuilder {
 public:
  CallbackBuilder(const DagSpec& spec, OperatorFinder& operators, ParamsChecker& checker, Errors& errors)
      : spec_(spec), operators_(operators), checker_(checker), errors_(errors) {}

  /// That the operators exist and take what they are given. A task's callback sees what the task sees, and the DAG's
  /// all that was ever published.
  void check();
  void add_places(NameResolver& names);
  /// REQUIRES: no mistake was found, so that `names` knows the order of the tasks; they have their ids and groups.
  void finish(const NameResolver& names, Dag::Header& header, std::vector<Task>& tasks) const;

 private:
  struct Notifier {
    const OperatorInfo* op = nullptr;
    CheckedParams params;                       ///< but for `with`:
    std::shared_ptr<const ValueTemplate> with;  ///< null without `op`
  };
  struct Use {
    std::uint32_t task;  ///< or ReadingPlace::kEnd: the DAG's
    CallbackMoment moment;
    const Notifier* notifier;
    std::uint32_t place = 0;  ///< of the NameResolver's
  };
  void note(std::uint32_t task, const CallbackPlaces& places);
  const Notifier& notifier_of(const Json& source);
  [[nodiscard]] static Callback callback_of(const Use& use, const NameResolver& names, const std::string& id);

  const DagSpec& spec_;
  OperatorFinder& operators_;
  ParamsChecker& checker_;
  Errors& errors_;
  std::unordered_map<const char*, Notifier> notifiers_;  ///< by where their text begins
  std::vector<Use> uses_;                                ///< those of one task together
};

}  // namespace leeward
